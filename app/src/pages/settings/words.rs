//! What the settings pages say: names of sources, sentences about candidates, how far learning
//! is. Plain functions.

use shared::{KeyCandidate, KeyPurpose, KeySource, Learning, LearningState, SettingsPreview};

use crate::format::{count, count_of, day_and_minute, percent};

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
}
