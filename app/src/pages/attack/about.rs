//! What each detector looks at, in a sentence: the behaviour and the unit it is measured in.

use shared::DetectorKind;

/// Detectors by their names, so that one that is new here has a row before it has a sentence.
const SENTENCES: [(&str, &str); 22] = [
    (
        "bad_user_agent",
        "What the user agent says its sender is. Scanners, tools that copy sites, HTTP libraries, and user agents that are empty or contradict themselves are suspect.",
    ),
    (
        "spoofed_crawler",
        "Whether who calls itself a known crawler comes from where that crawler's maker says it does.",
    ),
    (
        "outdated_browser",
        "How old the browser is that it claims to be. Bots copy a user agent once and keep it; people's browsers are kept up to date.",
    ),
    ("request_rate", "The most requests in any 60 seconds."),
    (
        "request_interval",
        "How uneven the pauses between its bursts are, from 0 to 1. Programs ask by the clock, people do not.",
    ),
    (
        "request_uniqueness",
        "How many different endpoints 50 of its requests would hold, divided by 50. Who asks for the same few again and again is near 0.",
    ),
    (
        "wide_scope",
        "How many different endpoints it touched, breadth first.",
    ),
    (
        "query_abuse",
        "Requests that only vary the parameters of one endpoint, or try its identifiers one by one.",
    ),
    (
        "suspicious_behavior",
        "How surprising its endpoints and their order are to what was learned of this application, in bits a request.",
    ),
    (
        "business_logic",
        "How much of what it does is aimed at sensitive and business-critical endpoints, weighted by their tags.",
    ),
    (
        "exploit_probing",
        "Requests for paths and with payloads that only a scanner asks for.",
    ),
    (
        "error_rate",
        "The share of its responses that are 4xx or 5xx, over different endpoints.",
    ),
    (
        "authentication_abuse",
        "Requests to sign in: how many, how fast, and how large a part of all it does.",
    ),
    (
        "credential_stuffing",
        "How many different identities were tried from one source.",
    ),
    (
        "low_frequency_stuffing",
        "How many sources alike make a few attempts to sign in each, and nothing else.",
    ),
    (
        "persistent_ato",
        "For how many stretches of five minutes its attempts to sign in went on.",
    ),
    (
        "ip_rotation",
        "How many addresses are behind one client or identity, or behind clients alike.",
    ),
    (
        "session_rotation",
        "How many short sessions one source has.",
    ),
    (
        "response_time",
        "How long its requests take to answer on average, in milliseconds: the load that they cause.",
    ),
    ("request_consumption", "How much it sends, in bytes."),
    (
        "response_consumption",
        "How much it is sent over the whole session, in bytes.",
    ),
    (
        "anomaly_model",
        "How soon random cuts set its whole behaviour apart from this application's other actors, from 0 to 1. It needs no rule for what it finds.",
    ),
];

/// The sentence of a detector.
pub(super) fn about(detector: DetectorKind) -> Option<&'static str> {
    let found = SENTENCES
        .iter()
        .find(|(name, _)| *name == detector.as_str());
    found.map(|(_, sentence)| *sentence)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_detector_is_explained() {
        for detector in DetectorKind::ALL {
            assert!(about(*detector).is_some(), "{detector}");
        }
    }
}
