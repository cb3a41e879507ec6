//! The dialog that puts an object on a list or changes an entry. One instance in the shell.

use crate::state::effect::effect;
use leptos::prelude::*;

use super::form::ListForm;
use crate::state::listing::use_lists;
use crate::ui::Dialog;

/// Opens when something is proposed for a list.
#[component]
pub fn ListDialog() -> impl IntoView {
    let lists = use_lists();
    let open = RwSignal::new(false);
    effect(move || open.set(lists.proposal.with(Option::is_some)));
    Effect::new(move |was_open: Option<bool>| {
        let is_open = open.get();
        if was_open == Some(true) && !is_open {
            lists.proposal.set(None);
        }
        is_open
    });
    let title = Signal::derive(move || {
        let proposal = lists.proposal.read();
        let is_change = proposal
            .as_ref()
            .is_some_and(|proposal| proposal.entry.is_some());
        if is_change {
            "Change an entry"
        } else {
            "Add to a list"
        }
        .to_owned()
    });
    view! {
        <Dialog open title>
            {move || {
                lists
                    .proposal
                    .get_untracked()
                    .map(|proposal| view! { <ListForm proposal open /> })
            }}
        </Dialog>
    }
}
