//! The page at `/settings/tokens`: the credentials of programs that the tenant shares. The part
//! with one's own tokens is on *My account*.

use leptos::prelude::*;
use shared::{Application, CreatedToken, Permission, Role, Token};

use super::frame::SettingsPage;
use super::rows::{Rows, cell, deed, deeds};
use super::words;
use crate::api::{self, TokenForm, Whose};
use crate::components::PermittedButton;
use crate::format::{day_and_minute, visible};
use crate::state::clock::use_now;
use crate::state::confirm::{Question, use_confirmation};
use crate::state::me::use_me;
use crate::state::overview::use_overview;
use crate::state::remote::{Meanwhile, Remote, use_pages};
use crate::state::sending::{Doing, use_doing, use_sending};
use crate::ui::{
    Clip, Dialog, Form, Head, Kind, Moment, MomentAs, SelectField, Tag, TextField, Told, ToldOnce,
};

const HEADS: [Head; 6] = [
    Head::new("", "Name"),
    Head::new("", "Role"),
    Head::new("", "Last used"),
    Head::new("", "Ends"),
    Head::new("", "Made by"),
    Head::unseen("", "What can be done"),
];

/// For how long a token may hold: as the API takes it, with what people read.
const DURATIONS: [(&str, &str); 5] = [
    ("30d", "30 days"),
    ("90d", "90 days"),
    ("365d", "A year"),
    ("1825d", "Five years"),
    ("forever", "Forever"),
];

/// What the rows and the form share.
#[derive(Clone, Copy)]
struct Tokens {
    whose: Whose,
    doing: Doing,
    told: RwSignal<Option<Told>>,
    creating: RwSignal<bool>,
    overview: Remote<shared::Overview>,
}

impl Tokens {
    fn new(whose: Whose) -> Self {
        Self {
            whose,
            doing: use_doing(),
            told: RwSignal::new(None),
            creating: RwSignal::new(false),
            overview: use_overview(),
        }
    }

    /// The name of an application.
    fn application(self, id: shared::ApplicationId) -> Option<String> {
        let overview = self.overview.value.read();
        let mut all = overview.as_ref()?.applications.iter();
        all.find(|one| one.id == id).map(|one| one.name.clone())
    }
}

/// The tokens that the tenant shares.
#[component]
pub fn TokensPage() -> impl IntoView {
    let tokens = Tokens::new(Whose::Tenant);
    let actions = view! {
        <PermittedButton
            needs=Permission::TokensWrite
            label="Make a token"
            class="button button--primary"
            on_press=move || tokens.creating.set(true)
        />
    };
    view! {
        <SettingsPage
            title="API tokens"
            needs=Permission::TokensRead
            lead="Credentials of programs: of what adds requests, of what enforces the lists, of \
                  what reads. They belong to the tenant, whoever made them."
            actions=actions.into_any()
        >
            {table(tokens)}
        </SettingsPage>
        {dialog(tokens)}
    }
}

/// One's own tokens, as a part of *My account*.
#[component]
pub(super) fn OwnTokens() -> impl IntoView {
    let tokens = Tokens::new(Whose::Mine);
    view! {
        <section aria-labelledby="own-tokens">
            <div class="settings__head">
                <h2 id="own-tokens">"My API tokens"</h2>
                <PermittedButton
                    needs=Permission::OwnAccount
                    label="Make a token"
                    on_press=move || tokens.creating.set(true)
                />
            </div>
            <p class="settings__lead">
                "For programs that do something for you. None may do more than you may, and they \
                 end with your membership."
            </p>
            {table(tokens)}
        </section>
        {dialog(tokens)}
    }
}

fn table(tokens: Tokens) -> AnyView {
    provide_context(tokens);
    let pages = use_pages(
        Meanwhile::Keep,
        move || tokens.doing.changed.get(),
        move |_, cursor| async move { api::tokens(tokens.whose, cursor.as_deref()).await },
    );
    view! {
        <ToldOnce told=tokens.told />
        <Rows
            label="API tokens"
            class="table--settings table--tokens"
            heads=&HEADS
            pages
            key=|token| format!("{} {:?}", token.id, token.last_used_at.map(|at| at.0))
            row
            nothing="There is none yet."
        />
    }
    .into_any()
}

fn row(token: Token) -> AnyView {
    let tokens: Tokens = expect_context();
    let (me, confirmation, now) = (use_me(), use_confirmation(), use_now());
    let id = token.id;
    let name = visible(&token.name).into_owned();
    let used = match token.last_used_at {
        Some(at) => view! { <Moment at /> }.into_any(),
        None => "never".into_any(),
    };
    let ends = move || match token.expires_at {
        None => "never".into_any(),
        Some(at) if at <= now.get() => view! { <Tag text="ended" /> }.into_any(),
        Some(at) => view! { <MomentAs at format=day_and_minute /> }.into_any(),
    };
    let needs = match tokens.whose {
        Whose::Tenant => Permission::TokensWrite,
        Whose::Mine => Permission::OwnAccount,
    };
    let of = token.application_id;
    let role = token.role;
    let role_cell = move || {
        let of = of.map(|id| tokens.application(id).unwrap_or_else(|| id.to_string()));
        match of {
            Some(name) => format!("{}, {} only", role.label(), visible(&name)),
            None => role.label().to_owned(),
        }
    };
    let revoked = name.clone();
    let buttons = move || {
        me.may(needs).then(|| {
            let name = revoked.clone();
            let revoke = move || {
                let name = name.clone();
                confirmation.ask(Question {
                    title: format!("Revoke {name}"),
                    text: "Programs that use it are refused from now on. It cannot be brought \
                           back: make another one in its place first."
                        .to_owned(),
                    button: "Revoke",
                    typed: None,
                    act: Callback::new(move |()| {
                        let said = format!("{name} is revoked");
                        let done = api::revoke_token(tokens.whose, id);
                        tokens.doing.run_and_say(done, said);
                    }),
                });
            };
            deed("Revoke", format!("Revoke {revoked}"), revoke)
        })
    };
    view! {
        <tr class="table__row">
            <td class="settings__name">
                <span class="settings__named">
                <Clip text=name />
                </span>
            </td>
            {cell("Role", role_cell)} {cell("Last used", used)} {cell("Ends", ends)}
            {cell("Made by", view! { <Clip text=token.created_by /> })} {deeds(buttons)}
        </tr>
    }
    .into_any()
}

fn dialog(tokens: Tokens) -> AnyView {
    view! {
        <Dialog open=tokens.creating title=Signal::stored("Make an API token".to_owned())>
            {move || create(tokens)}
        </Dialog>
    }
    .into_any()
}

fn create(tokens: Tokens) -> AnyView {
    let me = use_me();
    let sending = use_sending();
    let name = RwSignal::new(String::new());
    let role = RwSignal::new(Role::ReadOnly.as_str().to_owned());
    let application = RwSignal::new(String::new());
    let duration = RwSignal::new("90d".to_owned());
    let is_narrow = move || {
        let role = role.read().parse::<Role>();
        role.is_ok_and(Role::is_for_one_application)
    };
    let send = move || {
        let Ok(role) = role.read_untracked().parse() else {
            return;
        };
        let form = TokenForm {
            name: name.get_untracked(),
            role,
            application: application
                .read_untracked()
                .parse()
                .ok()
                .filter(|_| untrack(is_narrow)),
            duration: duration.get_untracked(),
        };
        sending.send(api::create_token(tokens.whose, &form), move |made| {
            tokens.told.set(Some(told(made)));
            tokens.doing.touch();
            tokens.creating.set(false);
        });
    };
    let applications = Signal::derive(move || {
        let overview = tokens.overview.value.read();
        let known = overview.as_ref().map(|overview| &*overview.applications);
        let own = known.unwrap_or_default().iter();
        let own =
            own.map(|one: &Application| (one.id.to_string(), visible(&one.name).into_owned()));
        let all = (String::new(), "All applications".to_owned());
        std::iter::once(all).chain(own).collect()
    });
    let durations = DURATIONS.map(|(value, label)| (value.to_owned(), label.to_owned()));
    let durations = Signal::stored(durations.to_vec());
    let roles = Signal::derive(move || words::role_options(words::grantable_to_programs(me)));
    view! {
        <Form sending submit="Make the token" on_submit=send>
            <TextField
                label="What it is for"
                kind=Kind::Text
                value=name
                first=true
                hint="A name that tells you in a year what stops if you revoke it."
            />
            <SelectField label="Role" value=role options=roles />
            <p class="form-field__hint">{move || words::about_role(&role.read())}</p>
            {move || {
                is_narrow()
                    .then(|| {
                        view! {
                            <SelectField label="Application" value=application options=applications />
                        }
                    })
            }}
            <SelectField label="Holds for" value=duration options=durations />
        </Form>
    }
    .into_any()
}

fn told(made: CreatedToken) -> Told {
    let origin = window().location().origin().unwrap_or_default();
    let route = match made.token.role {
        Role::IngestOnly | Role::Monitor => None,
        Role::Enforcer => Some("lists/deny.txt"),
        _ => Some("attacks"),
    };
    let mut texts = vec![("Secret", made.secret.clone())];
    texts.extend(route.map(|route| {
        let call = format!(
            "curl -H 'Authorization: Bearer {}' '{origin}/api/v1/{route}'",
            made.secret
        );
        ("To try it", call)
    }));
    Told {
        title: format!("{} is made", visible(&made.token.name)),
        lead: "The secret is shown this once and kept nowhere. Put it where your program reads it."
            .to_owned(),
        texts,
    }
}
