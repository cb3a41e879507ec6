//! The console's two programs as links see them: what is below `/settings` is a program of its
//! own, and the way from one to the other is an ordinary load of a page.

use leptos::prelude::*;

/// Whether the page at `path` belongs to the other program.
pub fn is_elsewhere(path: &str) -> bool {
    let here = window().location().pathname().unwrap_or_default();
    is_of_settings(path) != is_of_settings(&here)
}

/// The `rel` of a link to `path`, by which the router leaves it to the browser where it has to.
pub fn rel(path: &str) -> Option<&'static str> {
    is_elsewhere(path).then_some("external")
}

/// Leaves for a page by an ordinary load: it is of the other program, or of another tenant.
pub fn leave_for(path: &str) {
    // Fails only for what is no address.
    let _ = window().location().set_href(path);
}

fn is_of_settings(path: &str) -> bool {
    let below = path.strip_prefix("/settings");
    below.is_some_and(|below| below.is_empty() || below.starts_with(['/', '?']))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_below_settings_is_of_the_settings() {
        for path in ["/settings", "/settings/people", "/settings?q=1"] {
            assert!(is_of_settings(path), "{path}");
        }
        for path in ["/", "/attacks", "/settingsx", "/attacks/settings"] {
            assert!(!is_of_settings(path), "{path}");
        }
    }
}
