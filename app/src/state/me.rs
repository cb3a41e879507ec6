//! Who is signed in, and what they may do. Until the server has said so, everything is shown as
//! if it were allowed: the server refuses what is not. Which role allows what is not decided
//! here: it stands in `shared`.

use leptos::prelude::*;
use leptos::task::spawn_local;
use shared::{GlobalRole, Me, Permission, Role};

use crate::api;

/// What is known of whoever is signed in.
#[derive(Clone, Copy)]
pub struct Mine {
    /// Who it is; absent until the server has said so.
    pub who: RwSignal<Option<Me>>,
    /// Whether the server has answered, if only that it cannot.
    pub is_answered: RwSignal<bool>,
}

/// Asks who is signed in.
pub fn provide() {
    let mine = Mine {
        who: RwSignal::new(None),
        is_answered: RwSignal::new(false),
    };
    provide_context(mine);
    mine.ask();
}

/// Whoever is signed in.
pub fn use_me() -> Mine {
    expect_context()
}

impl Mine {
    /// Asks again: something about them was changed.
    pub fn ask(self) {
        spawn_local(async move {
            // Without an answer the pages say what is wrong when they ask for something.
            if let Ok(me) = api::me().await {
                self.who.set(Some(me));
            }
            self.is_answered.set(true);
        });
    }

    /// Whether they may. Reactive.
    pub fn may(self, permission: Permission) -> bool {
        self.refusal(permission).is_none()
    }

    /// Whether they are a person with an account. Reactive.
    pub fn has_account(self) -> bool {
        let me = self.who.read();
        me.as_ref().is_none_or(|me| me.account.is_some())
    }

    /// Whether they have to set a second factor up before anything else. Reactive.
    pub fn lacks_second_factor(self) -> bool {
        let me = self.who.read();
        me.as_ref().is_some_and(|me| me.lacks_second_factor)
    }

    /// Why nothing can be said of an address that is shown; absent if it is shown whole. Reactive.
    pub fn masked(self) -> Option<String> {
        let me = self.who.read();
        let is_masked = me.as_ref()?.masks_addresses;
        is_masked.then(|| "Your role sees addresses only in part.".to_owned())
    }

    /// Why they may not do what is about addresses, which have to be known whole; absent if they
    /// may. Reactive.
    pub fn refusal_of_address(self, permission: Permission) -> Option<String> {
        self.refusal(permission).or_else(|| self.masked())
    }

    /// Why they may not; absent if they may. Reactive.
    pub fn refusal(self, permission: Permission) -> Option<String> {
        refusal(self.who.read().as_ref()?, permission)
    }
}

/// `Needs the role Analyst; yours is Read-only.`
fn refusal(me: &Me, permission: Permission) -> Option<String> {
    if me.permissions.contains(&permission) {
        return None;
    }
    if me.lacks_second_factor {
        return Some("Your tenant requires a second factor: set it up first.".to_owned());
    }
    let needed = Role::with(permission).map_or(GlobalRole::Administrator.label(), Role::label);
    let text = match role_label(me) {
        Some(own) => format!("Needs the role {needed}; yours is {own}."),
        None => format!("Needs the role {needed}."),
    };
    Some(text)
}

/// What their role is called, the one in the tenant first.
pub fn role_label(me: &Me) -> Option<&'static str> {
    let global = me.global_role.map(GlobalRole::label);
    me.role.map(Role::label).or(global)
}

#[cfg(test)]
mod tests {
    use shared::TenantName;

    use super::*;

    fn with(role: Option<Role>, global_role: Option<GlobalRole>) -> Me {
        let own = role.map(Role::permissions).unwrap_or_default();
        let global = global_role.map(GlobalRole::permissions).unwrap_or_default();
        Me {
            name: "Ada".to_owned(),
            account: None,
            tenant: TenantName {
                id: "0000000000000001".parse().unwrap(),
                name: "Acme".to_owned(),
            },
            role,
            global_role,
            permissions: own.or(global).iter().collect(),
            masks_addresses: false,
            lacks_second_factor: false,
            tenants: Vec::new(),
        }
    }

    #[test]
    fn what_is_refused_names_the_role_that_is_needed_and_ones_own() {
        let reader = with(Some(Role::ReadOnly), None);
        assert_eq!(refusal(&reader, Permission::AttacksRead), None);
        assert_eq!(
            refusal(&reader, Permission::ListsWrite).unwrap(),
            "Needs the role Analyst; yours is Read-only."
        );
        let mut bare = with(None, None);
        bare.lacks_second_factor = true;
        let refused = refusal(&bare, Permission::AttacksRead).unwrap();
        assert!(refused.contains("second factor"), "{refused}");
        let visitor = with(None, Some(GlobalRole::ReadOnly));
        assert_eq!(
            refusal(&visitor, Permission::TenantsWrite).unwrap(),
            "Needs the role Global administrator; yours is Global read-only."
        );
    }
}
