//! The application that traffic is of, and the token that sends it.

use leptos::prelude::*;
use shared::{ApplicationId, Permission, Role};

use super::Chosen;
use super::chosen::Made;
use crate::api::{self, Answer, TokenForm, Whose};
use crate::components::PermittedButton;
use crate::format::visible;
use crate::state::live::use_live;
use crate::state::sending::use_sending;
use crate::ui::{CopyButton, Kind, SelectField, TextField, live};

/// The longest name of a token, in characters.
const MAX_NAME: usize = 100;

pub(super) fn token(chosen: Chosen) -> AnyView {
    let options = Signal::derive(move || chosen.options());
    // Not before it is known whether there is one.
    let is_new = Memo::new(move |_| {
        chosen.application.read().is_none() && chosen.overview.value.read().is_some()
    });
    let new = move || {
        is_new.get().then(|| {
            view! {
                <TextField label="Its name" kind=Kind::Text value=chosen.new_name limit=64 />
            }
        })
    };
    // Making one goes on while the application that it is for comes to be.
    let shown = Memo::new(move |_| (chosen.needs_token(), chosen.made()));
    view! {
        <div class="connect__application">
            <SelectField label="Application" value=chosen.choice options />
            {live(new)}
        </div>
        {live(move || match shown.get() {
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
        let known = chosen.application.get_untracked();
        let name = untrack(|| chosen.name()).unwrap_or_else(|| chosen.new_name.get_untracked());
        let name = name.trim().to_owned();
        let of_that_name = untrack(|| chosen.called(&name));
        let tool = chosen.tool.get_untracked().name;
        let answer = async move {
            let mut notes = Vec::new();
            let (of, name) = match (known, of_that_name) {
                (Some(id), _) => (id, name),
                (None, Some(id)) => {
                    notes.push(format!(
                        "There was an application called {} already: this token is of that one.",
                        visible(&name)
                    ));
                    (id, name)
                }
                (None, None) => {
                    let made = api::create_application(&name).await?;
                    chosen.overview.retry();
                    (made.id, made.name)
                }
            };
            // It is there also if no token can be made for it.
            let _ = chosen.choice.try_set(of.to_string());
            create(&format!("{tool} of {name}"), of, notes).await
        };
        sending.send(answer, move |made| {
            chosen.show(made);
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

/// Makes a token of this name; where there is one, of this name and a number.
async fn create(name: &str, of: ApplicationId, mut notes: Vec<String>) -> Answer<Made> {
    let known = api::tokens(Whose::Tenant, None).await?.items;
    let is_free = |name: &String| known.iter().all(|token| token.name != *name);
    let name = numbered(name, 1);
    let mut free = (1..).map(|number| numbered(&name, number)).filter(is_free);
    let form = TokenForm {
        name: free.next().expect("only so many are taken"),
        role: Role::IngestOnly,
        application: Some(of),
        duration: "forever".to_owned(),
    };
    let made = api::create_token(Whose::Tenant, &form).await?;
    if made.token.name != name {
        notes.push(format!(
            "There was a token called {} already. What sends with it goes on; revoke it if \
             nothing does.",
            visible(&name)
        ));
    }
    Ok(Made {
        secret: made.secret,
        name: made.token.name,
        notes,
        of,
    })
}

/// The name of the token with this number, no longer than one may be.
fn numbered(name: &str, number: u32) -> String {
    let suffix = match number {
        1 => String::new(),
        _ => format!(" {number}"),
    };
    let most = MAX_NAME - suffix.len();
    let name: String = name.chars().take(most).collect();
    name + &suffix
}

fn told(made: Made) -> AnyView {
    let name = visible(&made.name).into_owned();
    let notes = made.notes.into_iter().map(|note| {
        view! { <p>{note}</p> }
    });
    view! {
        <div class="told" role="status">
            <p>
                "The token " <b>{name}</b>
                " is made and stands in the texts below. It is shown this once, and holds until it is revoked under "
                <a href="/settings/tokens">"API tokens"</a> "."
            </p>
            {notes.collect_view()}
            <div class="told__text">
                <code>{made.secret.clone()}</code>
                <CopyButton text=made.secret label="Copy the token" />
            </div>
        </div>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_tells_a_name_apart_also_where_there_is_no_room_for_it() {
        assert_eq!(numbered("nginx of shop", 1), "nginx of shop");
        assert_eq!(numbered("nginx of shop", 2), "nginx of shop 2");
        let long = "\u{fc}".repeat(200);
        assert_eq!(numbered(&long, 1).chars().count(), MAX_NAME);
        assert_eq!(numbered(&long, 12).chars().count(), MAX_NAME);
        assert!(numbered(&long, 12).ends_with(" 12"));
    }
}
