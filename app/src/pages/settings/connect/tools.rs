//! The choice of what sends traffic. Each is a link, so that the way to connect it can be shared.

use leptos::prelude::*;
use shared::connect::{TOOLS, Tool, ToolKind};

use super::Chosen;
use crate::state::address::{Address, use_address};

pub(super) fn tools(chosen: Chosen) -> AnyView {
    let address = use_address();
    let groups = ToolKind::ALL.map(|kind| {
        let own = TOOLS.iter().filter(move |tool| tool.kind == kind);
        let links: Vec<AnyView> = own.map(|tool| link(chosen, address, tool)).collect();
        view! {
            <div class="tools">
                <p class="tools__kind">{kind.label()}</p>
                <ul class="tools__list">{links}</ul>
            </div>
        }
        .into_any()
    });
    Vec::from(groups).into_any()
}

fn link(chosen: Chosen, address: Address, tool: &'static Tool) -> AnyView {
    let is_chosen = move || chosen.tool.get().id == tool.id;
    let target = move || address.with(&[("tool", Some(tool.id.to_owned()))]);
    let choose = move |event: leptos::ev::MouseEvent| {
        // Another tab is another tab.
        if !(event.ctrl_key() || event.meta_key() || event.shift_key()) {
            event.prevent_default();
            address.replace(&[("tool", Some(tool.id.to_owned()))]);
        }
    };
    view! {
        <li>
            <a
                class="tools__one"
                href=target
                aria-current=move || is_chosen().then_some("true")
                on:click=choose
            >
                {tool.name}
            </a>
        </li>
    }
    .into_any()
}
