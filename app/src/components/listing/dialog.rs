//! The dialog that puts an object on a list or changes an entry. One instance in the shell.

use leptos::prelude::*;

use super::form::ListForm;
use crate::state::listing::use_lists;
use crate::ui::Dialog;

/// Opens when something is proposed for a list.
#[component]
pub fn ListDialog() -> impl IntoView {
    let lists = use_lists();
    let title = Signal::derive(move || {
        // Each time it opens it is about something else.
        lists.open.track();
        let proposal = lists.proposal.get_value();
        let is_change = proposal.is_some_and(|proposal| proposal.entry.is_some());
        if is_change {
            "Change an entry"
        } else {
            "Add to a list"
        }
        .to_owned()
    });
    view! {
        <Dialog open=lists.open title>
            {move || {
                let proposal = lists.proposal.get_value();
                proposal.map(|proposal| view! { <ListForm proposal open=lists.open /> })
            }}
        </Dialog>
    }
}
