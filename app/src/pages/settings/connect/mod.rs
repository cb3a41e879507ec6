//! How traffic gets here: what sends it, which application it is of, a token made in place, and
//! texts to copy with this server's address and that token in them; then it waits for the first
//! request. The tools and their texts are `shared::connect`'s.

mod chosen;
mod snippets;
mod token;
mod tools;
mod waiting;

use leptos::prelude::*;
use shared::Permission;

use self::chosen::Chosen;
use self::snippets::snippets;
use self::token::token;
use self::tools::tools;
use self::waiting::waiting;
use super::frame::SettingsPage;

/// The page.
#[component]
pub fn ConnectPage() -> impl IntoView {
    let actions = view! {
        <a class="button" href="/settings/traffic">
            "See what arrives"
        </a>
    };
    view! {
        <SettingsPage
            title="Connect a source"
            needs=Permission::ApplicationsRead
            lead="Choose what sends your traffic, make it a token, and copy. Everything that can \
                  write an access log or send JSON will do."
            actions=actions.into_any()
        >
            <Steps />
        </SettingsPage>
    }
}

#[component]
fn Steps() -> impl IntoView {
    let chosen = Chosen::new();
    view! {
        <div class="connect">
            {part(1, "What sends it?", tools(chosen))}
            {part(2, "Which application is it of?", token(chosen))}
            {part(3, "Copy", snippets(chosen))}
            {waiting(chosen)}
        </div>
    }
}

fn part(number: u8, heading: &'static str, content: AnyView) -> AnyView {
    let id = format!("connect-{number}");
    let heading_id = id.clone();
    view! {
        <section class="connect__part" aria-labelledby=id>
            <h2 id=heading_id>
                <span class="connect__number" aria-hidden="true">
                    {number}
                </span>
                {heading}
            </h2>
            {content}
        </section>
    }
    .into_any()
}
