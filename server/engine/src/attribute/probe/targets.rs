//! Probes in the path: which of the paths of [`super::paths`] counts where, and dot segments.

use std::ops::Range;

use super::Probe;
use super::ProbeKind::{
    Administration, CodeInjection, Enumeration, KnownExploit, PathTraversal, SecretFile, WebShell,
};
use super::paths::{
    ADMINISTRATION, ENUMERATION, EXPLOITS, PRIVATE, PRODUCTS, SECRETS, SHELL_NAMES, SHELLS,
};

pub(super) fn all() -> impl Iterator<Item = (&'static str, Probe)> {
    let table = |kind, decisive, rows: &'static [(&'static str, &'static str)]| {
        rows.iter().map(move |(word, name)| {
            let probe = Probe {
                kind,
                decisive,
                name,
            };
            (*word, probe)
        })
    };
    table(SecretFile, true, SECRETS)
        .chain(table(KnownExploit, true, EXPLOITS))
        .chain(table(WebShell, true, SHELLS))
        .chain(table(KnownExploit, false, PRODUCTS))
        .chain(table(SecretFile, false, PRIVATE))
        .chain(table(WebShell, false, SHELL_NAMES))
        .chain(table(Administration, false, ADMINISTRATION))
        .chain(table(Enumeration, false, ENUMERATION))
}

/// What a target means where it stands in `path`; `None` if nothing.
pub(super) fn in_context(
    path: &str,
    place: Range<usize>,
    target: Probe,
    user_agent: &str,
) -> Option<Probe> {
    let (before, found, after) = (
        &path[..place.start],
        &path[place.clone()],
        &path[place.end..],
    );
    match target.kind {
        Administration => {
            // Deep inside a path they are names of articles: `/category/jenkins/`. And a
            // folder is the console only by itself: themes load files from `/wp-admin/`.
            let may_be_below = matches!(target.name, "WordPress" | "Joomla" | "phpMyAdmin");
            let depth = before.trim_start_matches('/').matches('/').count();
            let is_shallow = before.is_empty() || (may_be_below && depth == 0);
            let is_whole = !found.ends_with('/') || matches!(after, "" | "index.php");
            (is_shallow && is_whole).then_some(target)
        }
        // Web applications made with Flutter load their settings from there.
        SecretFile if path.ends_with("/assets/.env") => Some(target.weakened()),
        // `git clone` of a repository that is published like this.
        SecretFile if found.starts_with("/.git") && user_agent.starts_with("git/") => None,
        _ => Some(target),
    }
}

/// A request for a path that only together with its method and query is one of a scanner.
pub(super) fn with_query(method: &str, path: &str, query: &str) -> Option<Probe> {
    // Pages that use it send files there, and never ask.
    let asks_for_upload = method == "GET"
        && query.starts_with("type=rau")
        && path.ends_with("Telerik.Web.UI.WebResource.axd");
    if asks_for_upload {
        let name = "Telerik UI (CVE-2019-18935)";
        return Some(Probe::decisive(KnownExploit, name));
    }
    let calls_function = query.contains("invokefunction&function=call_user_func");
    calls_function.then_some(Probe::decisive(CodeInjection, "ThinkPHP (CVE-2018-20062)"))
}

/// Leaving the site's folder by dot segments in the path. Browsers resolve plain ones before
/// they ask, other clients may forget; nobody encodes them by accident.
pub(super) fn traversal(raw: &str, decoded: &str) -> Option<Probe> {
    if decoded.starts_with("/etc/passwd") || decoded.starts_with("//etc/passwd") {
        return Some(Probe::decisive(PathTraversal, "/etc/passwd"));
    }
    if !decoded.contains("..") {
        return None;
    }
    let has_segment = |text: &str, with: &[&str]| with.iter().any(|dots| text.contains(dots));
    if !has_segment(decoded, &["/../", "/..;", "/..\\"]) && !decoded.ends_with("/..") {
        return None;
    }
    if !has_segment(raw, &["/../", "/..;"]) && !raw.ends_with("/..") {
        return Some(Probe::decisive(PathTraversal, "encoded dot segments"));
    }
    if decoded.contains("/..;/") {
        return Some(Probe::decisive(
            PathTraversal,
            "dot segments with parameters",
        ));
    }
    Some(Probe::indicative(PathTraversal, "dot segments"))
}
