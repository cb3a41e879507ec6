//! How something else gets the deny list, so that it can enforce it.

use leptos::prelude::*;

use crate::ui::CopyButton;

/// The forms that the list is served in, and what each is for.
const FORMS: [(&str, &str, &str); 3] = [
    ("plain", "One subnet a line", ""),
    (
        "nginx",
        "nginx: include it in a server block",
        " -o /etc/nginx/deny.conf",
    ),
    (
        "nftables",
        "nftables: the sets deny4 and deny6",
        " | nft -f -",
    ),
];

/// The commands that pull the list.
#[component]
pub(super) fn Pull() -> impl IntoView {
    let origin = window().location().origin().unwrap_or_default();
    let commands = FORMS.map(|(form, about, rest)| {
        let command = format!("curl -fs '{origin}/api/v1/lists/deny.txt?format={form}'{rest}");
        view! {
            <li>
                <p class="quiet">{about}</p>
                <p class="list-pull__command">
                    <code class="mono">{command.clone()}</code>
                    <CopyButton text=command label="Copy the command" />
                </p>
            </li>
        }
        .into_any()
    });
    view! {
        <details class="disclosure list-pull">
            <summary>"Pull this list"</summary>
            <p class="quiet">
                "Sorted, aggregated, without what has expired, with an ETag: whoever has it already gets a 304. "
                "Add "<code>"&application=NAME"</code>
                " for what is denied on one application only."
            </p>
            <ul role="list">{commands.into_iter().collect_view()}</ul>
        </details>
    }
}
