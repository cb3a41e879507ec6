//! What is to go on a list, as texts say it: checked whole before anything is stored. Pure.

use std::net::IpAddr;

use shared::{
    ApplicationId, FieldError, Lifetime, ListKind, ListOrigin, Network, NewListEntries, Timestamp,
};

use super::questions::questions;
use crate::auth::Caller;
use crate::store::{ListAuthor, NewListEntry};
use crate::text::number;

/// Objects that are added at once.
const MAX_OBJECTS: usize = 1_000;
/// Characters of a reason.
const MAX_REASON: usize = 500;
/// Applications of an entry.
const MAX_APPLICATIONS: usize = 100;

/// The applications that there are.
pub(crate) type Known = Vec<(ApplicationId, String)>;

/// Why nothing was stored.
#[derive(Debug)]
pub(crate) enum Refused {
    /// It makes no sense.
    Wrong(FieldError),
    /// It is to be confirmed first.
    Asked(Vec<FieldError>),
}

/// The entries that `new` says, asked for by somebody at `peer`.
pub(crate) fn check(
    new: &NewListEntries,
    known: &Known,
    peer: Option<IpAddr>,
    now: Timestamp,
) -> Result<Vec<NewListEntry>, Refused> {
    let in_field = |field| move |message| Refused::Wrong(fault(field, message));
    let list = read_list(&new.list).map_err(in_field("list"))?;
    if new.objects.is_empty() || new.objects.len() > MAX_OBJECTS {
        let message = format!("expected 1 to {} objects", number(MAX_OBJECTS as u64));
        return Err(in_field("objects")(message));
    }
    let applications = new.applications.as_deref();
    let applications = applications.map(|names| read_applications(names, known));
    let applications = applications.transpose().map_err(in_field("applications"))?;
    let reason = read_reason(&new.reason).map_err(in_field("reason"))?;
    let end = read_end(new.duration.as_deref(), new.expires_at, list, now);
    let expires_at = end.map_err(Refused::Wrong)?;
    let mut entries = Vec::with_capacity(new.objects.len());
    let mut asked = Vec::new();
    for text in &new.objects {
        let object = text.parse::<Network>();
        let object = object.map_err(|error| in_field("objects")(error.to_string()))?;
        asked.extend(ask("objects", object, list, peer));
        entries.push(NewListEntry {
            list,
            object,
            applications: applications.clone(),
            reason: reason.clone(),
            expires_at,
        });
    }
    if !new.confirm && !asked.is_empty() {
        return Err(Refused::Asked(asked));
    }
    Ok(entries)
}

/// Somebody who changes lists by hand.
pub(crate) fn author(caller: &Caller, now: Timestamp) -> ListAuthor<'_> {
    ListAuthor {
        name: caller.name(),
        origin: ListOrigin::Manual,
        now,
    }
}

/// A list that can be read and changed; the vocabulary has others, for later.
pub(crate) fn read_list(text: &str) -> Result<ListKind, String> {
    let list = text.parse::<ListKind>();
    match list.map_err(|error| error.to_string())? {
        list @ (ListKind::Deny | ListKind::Exception) => Ok(list),
        ListKind::Allow | ListKind::Gray => {
            Err("only `deny` and `exception` are kept so far".to_owned())
        }
    }
}

/// The applications of these names.
pub(crate) fn read_applications(
    names: &[String],
    known: &Known,
) -> Result<Vec<ApplicationId>, String> {
    if names.is_empty() || names.len() > MAX_APPLICATIONS {
        return Err(format!(
            "expected 1 to {MAX_APPLICATIONS} applications; leave it out for all"
        ));
    }
    let ids = names.iter().map(|name| find_application(known, name));
    ids.collect()
}

/// The application called `name`, in any case.
pub(crate) fn find_application(known: &Known, name: &str) -> Result<ApplicationId, String> {
    let wanted = name.trim().to_lowercase();
    let found = known.iter().find(|(_, name)| name.to_lowercase() == wanted);
    found
        .map(|(id, _)| *id)
        .ok_or_else(|| unknown_application(known, name))
}

fn unknown_application(known: &Known, name: &str) -> String {
    let shown: String = name.chars().take(60).collect();
    let names: Vec<&str> = known
        .iter()
        .take(10)
        .map(|(_, name)| name.as_str())
        .collect();
    match names.len() {
        0 => format!("there is no application called `{shown}`; nothing was imported yet"),
        _ => format!(
            "there is no application called `{shown}`; there are: {}",
            names.join(", ")
        ),
    }
}

/// Why something is on a list.
pub(crate) fn read_reason(text: &str) -> Result<String, String> {
    let text = text.trim();
    if text.chars().count() > MAX_REASON {
        return Err(format!("has more than {MAX_REASON} characters"));
    }
    if text.chars().any(char::is_control) {
        return Err("has characters that cannot be seen".to_owned());
    }
    Ok(text.to_owned())
}

/// How long an entry holds if nothing is said.
pub(crate) fn default_lifetime(list: ListKind) -> Lifetime {
    match list {
        ListKind::Exception => Lifetime::Forever,
        ListKind::Deny | ListKind::Allow | ListKind::Gray => Lifetime::For(Timestamp::DAY),
    }
}

/// Until when an entry holds; `None` forever.
pub(crate) fn read_end(
    duration: Option<&str>,
    expires_at: Option<Timestamp>,
    list: ListKind,
    now: Timestamp,
) -> Result<Option<Timestamp>, FieldError> {
    match (duration, expires_at) {
        (Some(_), Some(_)) => {
            let message = "either `duration` or `expires_at`, not both";
            Err(fault("duration", message.to_owned()))
        }
        (Some(text), None) => {
            let lifetime = text.parse::<Lifetime>();
            let lifetime = lifetime.map_err(|error| fault("duration", error.to_string()))?;
            Ok(lifetime.ends_at(now))
        }
        (None, Some(at)) => {
            let left = at.since(now);
            if !(Lifetime::SHORTEST_MS..=Lifetime::LONGEST_MS).contains(&left) {
                let message = "is to be from five minutes to ten years from now";
                return Err(fault("expires_at", message.to_owned()));
            }
            Ok(Some(at))
        }
        (None, None) => Ok(default_lifetime(list).ends_at(now)),
    }
}

/// What is asked about an object, each as a fault of `field`.
pub(crate) fn ask(
    field: &str,
    object: Network,
    list: ListKind,
    peer: Option<IpAddr>,
) -> Vec<FieldError> {
    let asked = questions(object, list, peer).into_iter();
    asked.map(|question| fault(field, question)).collect()
}

/// What is wrong with a field.
pub(crate) fn fault(field: &str, message: String) -> FieldError {
    FieldError {
        field: field.to_owned(),
        message,
        position: None,
    }
}
