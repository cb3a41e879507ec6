//! Who is signed in and to which tenant, at the end of the header: a menu that leads to their
//! settings, to another tenant, and out.

use leptos::prelude::*;
use leptos::task::spawn_local;
use shared::{Me, TenantName};

use crate::api::{self, Answer};
use crate::format::visible;
use crate::state::me::{role_label, use_me};
use crate::state::program::{leave_for, rel};
use crate::state::toast::{Toasts, use_toasts};
use crate::ui::press;

/// The menu. Nothing for whoever has no account. One instance in the shell.
#[component]
pub fn AccountMenu() -> impl IntoView {
    let (me, toasts) = (use_me(), use_toasts());
    move || me.who.with(|me| menu(me.as_ref()?, toasts))
}

fn menu(me: &Me, toasts: Toasts) -> Option<AnyView> {
    let account = me.account.as_ref()?;
    let name = visible(&account.name).into_owned();
    let tenant = visible(&me.tenant.name).into_owned();
    let is_in_several = me.tenants.len() > 1;
    let role = role_label(me).unwrap_or_default();
    let switch = is_in_several.then(|| {
        let current = me.tenant.id;
        let tenants = me.tenants.iter();
        let tenants = tenants.map(|one| tenant_button(one, one.id == current, toasts));
        view! {
            <div class="account__part">
                <p class="account__heading" id="account-tenants">
                    "Switch tenant"
                </p>
                <ul aria-labelledby="account-tenants">{tenants.collect_view()}</ul>
            </div>
        }
    });
    let view = view! {
        <div class="account">
            <button
                class="account__button"
                type="button"
                popovertarget="account-menu"
                aria-label=format!("{name}, {tenant}: account")
            >
                {is_in_several
                    .then(|| view! { <span class="account__tenant">{tenant.clone()}</span> })}
                <span class="account__initials" aria-hidden="true">
                    {initials(&account.name)}
                </span>
            </button>
            <div class="account__menu" id="account-menu" popover="auto">
                <div class="account__part">
                    <p class="account__name">{name}</p>
                    <p class="account__of quiet">{visible(&account.email).into_owned()}</p>
                    <p class="account__of quiet">{[&tenant, " \u{b7} ", role].concat()}</p>
                </div>
                {switch}
                <div class="account__part">
                    <a class="account__item" href="/settings/account" rel=rel("/settings")>
                        "My account"
                    </a>
                    <a class="account__item" href="/settings" rel=rel("/settings")>
                        "Settings"
                    </a>
                    <button
                        class="account__item"
                        type="button"
                        on:click=press(move || go(api::sign_out(), toasts))
                    >
                        "Sign out"
                    </button>
                </div>
            </div>
        </div>
    };
    Some(view.into_any())
}

fn tenant_button(tenant: &TenantName, is_current: bool, toasts: Toasts) -> AnyView {
    let id = tenant.id;
    let choose = press(move || {
        if !is_current {
            // What is shown is the other tenant's; its lists are where both have something.
            let switched = api::switch_tenant(id);
            let to = async move { switched.await.map(|()| "/attacks".to_owned()) };
            go(to, toasts);
        }
    });
    view! {
        <li>
            <button
                class="account__item"
                type="button"
                aria-current=is_current.then_some("true")
                on:click=choose
            >
                {visible(&tenant.name).into_owned()}
            </button>
        </li>
    }
    .into_any()
}

/// Leaves for the address that the answer is.
fn go(to: impl Future<Output = Answer<String>> + 'static, toasts: Toasts) {
    spawn_local(async move {
        match to.await {
            Ok(address) => leave_for(&address),
            Err(problem) => toasts.show(problem.detail),
        }
    });
}

/// The first letters of the first and the last word of a name.
fn initials(name: &str) -> String {
    let mut words = name.split_whitespace();
    let first = words.next().and_then(|word| word.chars().next());
    let last = words.next_back().and_then(|word| word.chars().next());
    let letters: String = first.into_iter().chain(last).collect();
    visible(&letters).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn initials_are_of_the_first_and_the_last_word() {
        for (name, expected) in [
            ("Ada Lovelace", "AL"),
            ("ada", "a"),
            ("Ada King of Lovelace", "AL"),
            ("", ""),
        ] {
            assert_eq!(initials(name), expected);
        }
    }
}
