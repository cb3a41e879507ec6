//! Whether the audit log is as it was written: asked for, because the whole log is read for it.

use leptos::prelude::*;
use shared::AuditChain;

use crate::api;
use crate::format::count;
use crate::state::sending::use_sending;
use crate::ui::{CopyButton, ProblemLine, live, press};

/// The button that checks, and what came of it.
#[component]
pub(super) fn Chain() -> impl IntoView {
    let sending = use_sending();
    let chain = RwSignal::new(None::<AuditChain>);
    let check = move || sending.send(api::audit_chain(), move |found| chain.set(Some(found)));
    view! {
        <section class="chain" aria-labelledby="chain">
            <h2 id="chain">"As it was written"</h2>
            <p class="settings__lead">
                "Every entry holds a hash of itself and of the one before it. The last hash, kept \
                 elsewhere, shows later that nothing before it was rewritten."
            </p>
            <button
                class="button"
                type="button"
                aria-disabled=move || sending.is_busy.get().then_some("true")
                on:click=press(check)
            >
                "Check the whole log"
            </button>
            <div role="status">
                {live(move || {
                    sending
                        .problem
                        .get()
                        .map(|problem| view! { <ProblemLine problem on_retry=check /> })
                })}
                {live(move || chain.get().map(outcome))}
            </div>
        </section>
    }
}

fn outcome(chain: AuditChain) -> AnyView {
    let said = said(&chain);
    let hash = chain.hash;
    let kept = (!hash.is_empty()).then(|| {
        view! {
            <p class="chain__hash">
                <span class="quiet">"Last hash"</span>
                <code>{hash.clone()}</code>
                <CopyButton text=hash label="Copy the hash" />
            </p>
        }
    });
    view! {
        <p>{said}</p>
        {kept}
    }
    .into_any()
}

fn said(chain: &AuditChain) -> String {
    if let Some(at) = chain.broken_at {
        return format!(
            "Entry {} is changed or missing: the log is not as it was written.",
            count(at)
        );
    }
    if chain.last == 0 {
        return "The log is empty.".to_owned();
    }
    let erased = match chain.erased {
        0 => String::new(),
        erased => format!(
            " Somebody’s traces were erased from {} of them.",
            count(erased)
        ),
    };
    format!(
        "Unbroken: entries {} to {} are as they were written.{erased}",
        count(chain.first),
        count(chain.last)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_broken_log_names_the_entry() {
        let mut chain = AuditChain {
            holds: true,
            first: 1,
            last: 42,
            hash: "ab".to_owned(),
            erased: 0,
            broken_at: None,
        };
        assert_eq!(
            said(&chain),
            "Unbroken: entries 1 to 42 are as they were written."
        );
        chain.broken_at = Some(7);
        assert!(said(&chain).starts_with("Entry 7 is changed or missing"));
    }
}
