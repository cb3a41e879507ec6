//! What the settings pages say: names of sources, sentences about candidates, how far learning
//! is, what a role is for, what a browser is called. Plain functions.

use leptos::prelude::*;
use shared::{KeyCandidate, KeyPurpose, KeySource, Learning, LearningState, Role, SettingsPreview};

use crate::format::{count, count_of, day_and_minute, percent};
use crate::state::me::Mine;

/// The kinds of sources, each with what people call it.
pub(super) const KINDS: [(&str, &str); 7] = [
    ("cookie", "Cookie"),
    ("field", "Log field"),
    ("header", "Header"),
    ("query", "Query parameter"),
    ("auto", "Usual names"),
    ("user", "The log’s user"),
    ("bearer", "Bearer token"),
];

/// What people call the kind of a source.
pub(super) fn kind_label(source: &KeySource) -> &'static str {
    let kind = source.parts().0;
    KINDS
        .into_iter()
        .find(|(known, _)| *known == kind)
        .map_or("", |(_, label)| label)
}

/// The source in a sentence: its name, else its kind.
pub(super) fn name(source: &KeySource) -> String {
    source
        .parts()
        .1
        .map_or_else(|| kind_label(source).to_owned(), str::to_owned)
}

/// Why a candidate is one: `212 values, 86% of requests, 14 requests each`.
pub(super) fn reasons(candidate: &KeyCandidate) -> String {
    let mut text = format!(
        "{}, {} of requests",
        count_of(candidate.values, "value", "values"),
        percent(candidate.share),
    );
    if candidate.purpose == KeyPurpose::SessionKey {
        let each = candidate.requests / candidate.values.max(1);
        text.push_str(&format!(", {} each", count_of(each, "request", "requests")));
    } else if candidate.purpose == KeyPurpose::User && candidate.values_of_many_ips > 0 {
        text.push_str(&format!(
            ", {} from several IPs",
            count(candidate.values_of_many_ips)
        ));
    }
    text
}

/// How far an application's normals are learned.
pub(super) fn learned(learning: &Learning) -> String {
    let hours = match learning.hours {
        0 => "less than 1 h".to_owned(),
        hours => format!("{} h", count(hours.into())),
    };
    let actors = count_of(learning.actors, "actor", "actors");
    format!("{}% learned, from {actors} in {hours}", learning.percent)
}

/// What an application's normals were learned from, and how old that is.
pub(super) fn learned_from(learned: &LearningState) -> String {
    let Some(last) = learned.last_lesson_at else {
        return "Nothing is learned yet: the documented defaults are normal. Who is not under \
                suspicion teaches when a session ends."
            .to_owned();
    };
    let model = match &learned.anomaly_model {
        Some(model) => format!(
            "The anomaly model is version {} of {}, from {} actors.",
            model.number,
            day_and_minute(model.trained_at),
            count(model.actors)
        ),
        None => "The anomaly model waits for 64 actors with ten requests.".to_owned(),
    };
    format!(
        "Learned from {} that are not under suspicion, the last of them at {}; what is a week old \
         counts half. How people move was learned from {}. {model}",
        count_of(learned.actors, "actor", "actors"),
        day_and_minute(last),
        count_of(learned.sessions, "session", "sessions")
    )
}

/// What settings would come to.
pub(super) fn preview(preview: &SettingsPreview) -> String {
    let part = |requests: u64| percent(requests as f64 / preview.examined.max(1) as f64);
    format!(
        "{} of {}. {} have a session key, {} a user, {} a role.",
        count_of(preview.sessions, "session", "sessions"),
        count_of(preview.examined, "request", "requests"),
        part(preview.keyed),
        part(preview.with_user),
        part(preview.with_role),
    )
}

/// The roles of people that somebody may give: none that may what they may not.
pub(super) fn grantable(me: Mine) -> Vec<Role> {
    let mut roles = grantable_to_programs(me);
    roles.retain(|role| !role.is_for_programs());
    roles
}

/// The roles of programs that somebody may give.
pub(super) fn grantable_to_programs(me: Mine) -> Vec<Role> {
    let me = me.who.read();
    let mut roles = Role::ALL.to_vec();
    if let Some(me) = &*me {
        let may_all = |role: &Role| {
            let mut needed = role.permissions().iter();
            needed.all(|permission| me.permissions.contains(&permission))
        };
        roles.retain(may_all);
    }
    roles
}

/// Roles as a choice offers them.
pub(super) fn role_options(roles: Vec<Role>) -> Vec<(String, String)> {
    let option = |role: Role| (role.as_str().to_owned(), role.label().to_owned());
    roles.into_iter().map(option).collect()
}

/// What a role is for, by its name.
pub(super) fn about_role(name: &str) -> &'static str {
    match name.parse() {
        Ok(Role::Administrator) => "Everything: people, tokens, privacy, the audit log.",
        Ok(Role::Analyst) => "Looks into everything and changes the IP lists.",
        Ok(Role::ReadOnly) => "Looks into everything and changes nothing.",
        Ok(Role::IngestOnly) => "Adds requests and sees nothing.",
        Ok(Role::ApiDeveloper) => "Looks into everything, sets up applications, adds requests.",
        Ok(Role::Enforcer) => "Fetches the deny list and sees nothing else.",
        Ok(Role::Monitor) => "Reads the metrics of the installation and sees nothing else.",
        Err(_) => "",
    }
}

/// Parts of user agents with the browser that they tell, the most telling first.
const BROWSERS: [(&str, &str); 7] = [
    ("Edg/", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser/", "Samsung Internet"),
    ("Firefox/", "Firefox"),
    ("FxiOS/", "Firefox"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
];

/// The same for what it runs on.
const DEVICES: [(&str, &str); 7] = [
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("CrOS", "ChromeOS"),
    ("Windows", "Windows"),
    ("Mac OS X", "macOS"),
    ("Linux", "Linux"),
];

/// A browser as its owner knows it: `Firefox on Linux`; else as it calls itself.
pub(super) fn browser(user_agent: &str) -> String {
    let tell = |table: &[(&str, &'static str)]| {
        let found = table.iter().find(|(part, _)| user_agent.contains(part));
        found.map(|(_, name)| *name)
    };
    match (tell(&BROWSERS), tell(&DEVICES)) {
        (Some(browser), Some(device)) => format!("{browser} on {device}"),
        (Some(browser), None) => browser.to_owned(),
        (None, _) if user_agent.is_empty() => "Unnamed".to_owned(),
        (None, _) => user_agent.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_candidate_is_explained_by_what_it_is_for() {
        let mut candidate = KeyCandidate {
            source: KeySource::Cookie("sid".to_owned()),
            purpose: KeyPurpose::SessionKey,
            requests: 2_968,
            share: 0.86,
            values: 212,
            values_of_many_ips: 3,
            recognised: false,
        };
        assert_eq!(
            reasons(&candidate),
            "212 values, 86% of requests, 14 requests each"
        );
        candidate.purpose = KeyPurpose::User;
        assert_eq!(
            reasons(&candidate),
            "212 values, 86% of requests, 3 from several IPs"
        );
        assert_eq!(name(&candidate.source), "sid");
        assert_eq!(name(&KeySource::Bearer), "Bearer token");
    }

    #[test]
    fn every_kind_has_a_label() {
        for (kind, label) in KINDS {
            let text = match kind {
                "auto" | "user" | "bearer" => kind.to_owned(),
                _ => format!("{kind}:x"),
            };
            let source: KeySource = text.parse().unwrap();
            assert_eq!(kind_label(&source), label);
        }
    }

    #[test]
    fn a_browser_is_called_as_its_owner_knows_it() {
        for (user_agent, expected) in [
            (
                "Mozilla/5.0 (X11; Linux x86_64; rv:147.0) Gecko/20100101 Firefox/147.0",
                "Firefox on Linux",
            ),
            (
                "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) \
                 Chrome/143.0.0.0 Safari/537.36 Edg/143.0",
                "Edge on Windows",
            ),
            ("curl/8.5.0", "curl/8.5.0"),
            ("", "Unnamed"),
        ] {
            assert_eq!(browser(user_agent), expected);
        }
    }

    #[test]
    fn every_role_is_explained() {
        for role in Role::ALL {
            assert!(!about_role(role.as_str()).is_empty(), "{role}");
        }
    }
}
