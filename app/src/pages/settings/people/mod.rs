//! The page at `/settings/people`: the members of the tenant, and who is invited.

mod logins;
mod second_factor;

use leptos::prelude::*;
use shared::{AccountId, Invitation, Member, Permission, Role, SecretLink};

use self::logins::{MemberLogins, SignedIn};
use self::second_factor::SecondFactor;
use super::frame::SettingsPage;
use super::rows::{Rows, cell, deed, deeds};
use super::words;
use crate::api;
use crate::components::PermittedButton;
use crate::format::{day_and_minute, visible};
use crate::state::confirm::{Question, use_confirmation};
use crate::state::me::use_me;
use crate::state::remote::{Meanwhile, use_pages};
use crate::state::sending::{Doing, use_doing, use_sending};
use crate::ui::{
    Clip, Dialog, Form, Head, Kind, Moment, MomentAs, SelectField, Tag, TextField, Told, ToldOnce,
};

const MEMBERS: [Head; 6] = [
    Head::new("", "Name"),
    Head::new("", "E-mail"),
    Head::new("", "Role"),
    Head::new("", "Last seen"),
    Head::new("", "Two-step"),
    Head::unseen("", "What can be done"),
];

const INVITATIONS: [Head; 5] = [
    Head::new("", "E-mail"),
    Head::new("", "Role"),
    Head::new("", "Invited by"),
    Head::new("", "Until"),
    Head::unseen("", "What can be done"),
];

/// What the rows of the page share.
#[derive(Clone, Copy)]
struct People {
    doing: Doing,
    told: RwSignal<Option<Told>>,
    /// Whose logins are looked at.
    signed_in: SignedIn,
}

/// The people of the tenant.
#[component]
pub fn PeoplePage() -> impl IntoView {
    let people = People {
        doing: use_doing(),
        told: RwSignal::new(None),
        signed_in: SignedIn::new(),
    };
    provide_context(people);
    let inviting = RwSignal::new(false);
    let actions = view! {
        <PermittedButton
            needs=Permission::MembersWrite
            label="Invite somebody"
            class="button button--primary"
            on_press=move || inviting.set(true)
        />
    };
    view! {
        <SettingsPage
            title="People"
            needs=Permission::MembersRead
            lead="Who may sign in to this tenant, and what they may do here."
            actions=actions.into_any()
        >
            <ToldOnce told=people.told />
            <Tables people />
            <SecondFactor />
        </SettingsPage>
        <MemberLogins doing=people.doing signed_in=people.signed_in />
        <Dialog open=inviting title=Signal::stored("Invite somebody".to_owned())>
            <Invite open=inviting people />
        </Dialog>
    }
}

#[component]
fn Tables(people: People) -> impl IntoView {
    let changed = people.doing.changed;
    let members = use_pages(
        Meanwhile::Keep,
        move || changed.get(),
        |_, cursor| async move { api::members(cursor.as_deref()).await },
    );
    let invitations = use_pages(
        Meanwhile::Keep,
        move || changed.get(),
        |_, cursor| async move { api::invitations(cursor.as_deref()).await },
    );
    view! {
        <Rows
            label="Members"
            class="table--settings table--members"
            heads=&MEMBERS
            pages=members
            key=member_key
            row=member_row
            nothing="Nobody belongs to this tenant yet."
        />
        <h2>"Invited"</h2>
        <Rows
            label="Invitations"
            class="table--settings table--invitations"
            heads=&INVITATIONS
            pages=invitations
            key=|invitation| invitation.id.to_string()
            row=invitation_row
            nothing="Nobody is invited who has not come yet."
        />
    }
}

fn member_key(member: &Member) -> String {
    let seen = member.last_seen_at.map_or(0, |at| at.0);
    format!(
        "{} {} {} {seen} {}",
        member.account_id, member.name, member.role, member.has_totp
    )
}

fn member_row(member: Member) -> AnyView {
    let people: People = expect_context();
    let (me, confirmation) = (use_me(), use_confirmation());
    let id = member.account_id;
    let name = visible(&member.name).into_owned();
    let is_me = move || {
        let me = me.who.read();
        let account = me.as_ref().and_then(|me| me.account.as_ref());
        account.is_some_and(|account| account.id == id)
    };
    let may_change = Memo::new(move |_| me.may(Permission::MembersWrite) && !is_me());
    let role = member.role;
    let role_name = name.clone();
    let role_cell = move || match may_change.get() {
        true => role_choice(people, id, role, &role_name),
        false => role.label().into_any(),
    };
    let seen = match member.last_seen_at {
        Some(at) => view! { <Moment at /> }.into_any(),
        None => "never".into_any(),
    };
    let deeds_name = name.clone();
    let buttons = move || {
        may_change.get().then(|| {
            let name = deeds_name.clone();
            let reset_name = name.clone();
            let reset = move || {
                let title = format!("A new password for {reset_name}");
                people.doing.run(api::reset_password(id), move |link| {
                    people.told.set(Some(told(title, &link)));
                });
            };
            let removed = name.clone();
            let remove = move || {
                let name = removed.clone();
                confirmation.ask(Question {
                    title: format!("Remove {name}"),
                    text: format!(
                        "{name} sees nothing of this tenant from now on, and their own API tokens \
                         for it end. What they did stays in the audit log. An invitation brings \
                         them back, without the tokens."
                    ),
                    button: "Remove",
                    typed: None,
                    act: Callback::new(move |()| {
                        let said = format!("{name} is removed");
                        people.doing.run_and_say(api::remove_member(id), said);
                    }),
                });
            };
            let whose = name.clone();
            let look = move || people.signed_in.look(id, &whose);
            [
                deed("Logins", format!("Logins of {name}"), look),
                deed(
                    "Reset password",
                    format!("Reset the password of {name}"),
                    reset,
                ),
                deed("Remove", format!("Remove {name}"), remove),
            ]
            .collect_view()
        })
    };
    let you = move || is_me().then(|| view! { <Tag text="you" /> });
    view! {
        <tr class="table__row">
            <td class="settings__name">
                <span class="settings__named">
                <Clip text=name />
                {you}
                </span>
            </td>
            {cell("E-mail", view! { <Clip text=member.email /> })}
            {cell("Role", role_cell)} {cell("Last seen", seen)}
            {cell("Two-step", if member.has_totp { "On" } else { "Off" })} {deeds(buttons)}
        </tr>
    }
    .into_any()
}

/// The choice of a member's role, which takes effect at once and can be undone.
fn role_choice(people: People, id: AccountId, former: Role, name: &str) -> AnyView {
    let mut roles = words::grantable(use_me());
    if !roles.contains(&former) {
        roles.push(former);
    }
    let options = roles.into_iter().map(|role| {
        view! {
            <option value=role.as_str() selected=role == former>
                {role.label()}
            </option>
        }
        .into_any()
    });
    let label = format!("Role of {name}");
    let name = name.to_owned();
    view! {
        <select
            class="select__input select__input--small"
            aria-label=label
            on:change:target=move |event| {
                let select = event.target();
                if let Ok(role) = select.value().parse() {
                    let put_back = move || select.set_value(former.as_str());
                    change_role(people.doing, id, [former, role], &name, put_back);
                }
            }
        >
            {options.collect_view()}
        </select>
    }
    .into_any()
}

/// Gives a member another role, and offers the way back. If it is refused, `put_back` shows the
/// former one again: the row stays as it is then.
fn change_role(
    doing: Doing,
    id: AccountId,
    [former, role]: [Role; 2],
    name: &str,
    put_back: impl FnOnce() + 'static,
) {
    let said = format!("{name} is {} now", role.label());
    doing.run_or(api::change_member(id, role), put_back, move |_| {
        doing.toasts.offer_undo(said, move || {
            doing.run_and_say(api::change_member(id, former), "The role is as it was");
        });
    });
}

fn invitation_row(invitation: Invitation) -> AnyView {
    let people: People = expect_context();
    let (me, confirmation) = (use_me(), use_confirmation());
    let id = invitation.id;
    let email = visible(&invitation.email).into_owned();
    let name = email.clone();
    let buttons = move || {
        me.may(Permission::MembersWrite).then(|| {
            let email = name.clone();
            let revoke = move || {
                let email = email.clone();
                confirmation.ask(Question {
                    title: format!("Take the invitation of {email} back"),
                    text: "The link that they were given opens nothing any more.".to_owned(),
                    button: "Take it back",
                    typed: None,
                    act: Callback::new(move |()| {
                        let said = format!("{email} is no longer invited");
                        people.doing.run_and_say(api::revoke_invitation(id), said);
                    }),
                });
            };
            deed(
                "Take back",
                format!("Take the invitation of {name} back"),
                revoke,
            )
        })
    };
    view! {
        <tr class="table__row">
            <td class="settings__name">
                <span class="settings__named">
                <Clip text=email />
                </span>
            </td>
            {cell("Role", invitation.role.label())}
            {cell("Invited by", view! { <Clip text=invitation.created_by /> })}
            {cell("Until", view! { <MomentAs at=invitation.expires_at format=day_and_minute /> })}
            {deeds(buttons)}
        </tr>
    }
    .into_any()
}

/// A link that was just made.
fn told(title: String, link: &SecretLink) -> Told {
    let origin = window().location().origin().unwrap_or_default();
    let sent = match link.is_sent {
        true => "It was sent by e-mail, too.",
        false => "Nobody else has it: hand it over yourself.",
    };
    Told {
        title,
        lead: format!(
            "This link works once, until {}. It is not shown again. {sent}",
            day_and_minute(link.expires_at)
        ),
        texts: vec![("Link", [origin, link.path.clone()].concat())],
    }
}

#[component]
fn Invite(open: RwSignal<bool>, people: People) -> impl IntoView {
    let sending = use_sending();
    let email = RwSignal::new(String::new());
    let role = RwSignal::new(Role::ReadOnly.as_str().to_owned());
    let me = use_me();
    let invite = move || {
        let (whom, role) = (email.get_untracked(), role.get_untracked());
        let Ok(role) = role.parse() else { return };
        let title = format!("{} is invited", visible(&whom));
        sending.send(api::invite(&whom, role), move |link| {
            people.told.set(Some(told(title, &link)));
            people.doing.touch();
            open.set(false);
        });
    };
    let options = Signal::derive(move || words::role_options(words::grantable(me)));
    view! {
        <Form sending submit="Invite" on_submit=invite>
            <TextField label="E-mail" kind=Kind::Email value=email limit=254 first=true />
            <SelectField label="Role" value=role options />
            <p class="form-field__hint">{move || words::about_role(&role.read())}</p>
        </Form>
    }
}
