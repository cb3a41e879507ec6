//! The application that traffic is of, and the token that sends it.

use leptos::prelude::*;
use shared::{Permission, Role};

use super::Chosen;
use super::chosen::Made;
use crate::api::{self, TokenForm, Whose};
use crate::components::PermittedButton;
use crate::format::visible;
use crate::state::live::use_live;
use crate::state::sending::use_sending;
use crate::ui::{CopyButton, Kind, SelectField, TextField, live};

/// The longest name of a token, in characters.
const MAX_NAME: usize = 100;

pub(super) fn token(chosen: Chosen) -> AnyView {
    let options = Signal::derive(move || chosen.options());
    let is_new = Memo::new(move |_| chosen.application.read().is_empty());
    let new = move || {
        is_new.get().then(|| {
            view! {
                <TextField label="Its name" kind=Kind::Text value=chosen.new_name limit=64 />
            }
        })
    };
    // A token is of one application: for another one another is made.
    Effect::new(move |before: Option<String>| {
        let now = chosen.application.get();
        let made = chosen.made.get_untracked();
        if before.is_some_and(|before| before != now)
            && made.is_some_and(|made| made.of.to_string() != now)
        {
            chosen.made.set(None);
        }
        now
    });
    view! {
        <div class="connect__application">
            <SelectField label="Application" value=chosen.application options />
            {live(new)}
        </div>
        {live(move || match (chosen.needs_token(), chosen.made.get()) {
            (false, _) => {
                view! { <p class="quiet">"It needs no token: the listener knows the application."</p> }
                    .into_any()
            }
            (true, None) => make(chosen),
            (true, Some(made)) => told(made),
        })}
    }
    .into_any()
}

fn make(chosen: Chosen) -> AnyView {
    let sending = use_sending();
    let going_on = use_live();
    let send = move || {
        let known = untrack(|| chosen.application()).map(|one| (one.id, one.name));
        let new_name = chosen.new_name.get_untracked();
        let tool = chosen.tool.get_untracked().name;
        let answer = async move {
            let (of, application) = match known {
                Some(known) => known,
                None => {
                    let made = api::create_application(&new_name).await?;
                    (made.id, made.name)
                }
            };
            let name = format!("{tool} of {application}");
            let form = TokenForm {
                name: name.chars().take(MAX_NAME).collect(),
                role: Role::IngestOnly,
                application: Some(of),
                duration: "forever".to_owned(),
            };
            let made = api::create_token(Whose::Tenant, &form).await?;
            Ok(Made {
                secret: made.secret,
                name: made.token.name,
                of,
            })
        };
        sending.send(answer, move |made: Made| {
            chosen.overview.retry();
            chosen.application.set(made.of.to_string());
            chosen.made.set(Some(made));
            going_on.touch();
        });
    };
    let fault = move || {
        let problem = sending.problem.get()?;
        let text = visible(&problem.detail).into_owned();
        Some(view! { <p class="form__fault" role="alert">{text}</p> })
    };
    view! {
        <div class="connect__make">
            <PermittedButton
                needs=Permission::TokensWrite
                label="Make a token"
                class="button button--primary"
                on_press=send
            />
            <span class="quiet">"It may send requests of this application, and nothing else."</span>
        </div>
        {live(fault)}
    }
    .into_any()
}

fn told(made: Made) -> AnyView {
    let name = visible(&made.name).into_owned();
    view! {
        <div class="connect__told" role="status">
            <p>
                "The token " <b>{name}</b>
                " is made and stands in the texts below. It is shown this once, and holds until it is revoked under "
                <a href="/settings/tokens">"API tokens"</a> "."
            </p>
            <div class="told__text">
                <code>{made.secret.clone()}</code>
                <CopyButton text=made.secret label="Copy the token" />
            </div>
        </div>
    }
    .into_any()
}
