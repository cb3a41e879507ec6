//! Light, dark, or as the system says; remembered in the browser. Colours are CSS's business:
//! this only sets `data-theme` on the document.

use leptos::prelude::*;

use super::effect::effect;

const STORAGE_KEY: &str = "botscope.theme";

/// The reader's choice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Theme {
    /// Whatever the system says.
    System,
    /// Always light.
    Light,
    /// Always dark.
    Dark,
}

impl Theme {
    /// All of them, in the order they are offered.
    pub const ALL: [Self; 3] = [Self::Light, Self::Dark, Self::System];

    /// The name in the browser's storage and in `data-theme`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::System => "system",
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }

    /// What people read.
    pub const fn label(self) -> &'static str {
        match self {
            Self::System => "Theme of the system",
            Self::Light => "Light theme",
            Self::Dark => "Dark theme",
        }
    }

    fn from_name(name: &str) -> Self {
        Self::ALL
            .into_iter()
            .find(|theme| theme.as_str() == name)
            .unwrap_or(Self::System)
    }
}

/// Reads the remembered choice, applies it, and keeps both in step from here on.
pub fn provide() {
    let theme = RwSignal::new(remembered());
    provide_context(theme);
    apply(theme.get_untracked());
    let mut applied = theme.get_untracked();
    effect(move || {
        let current = theme.get();
        if applied != current {
            apply(current);
            remember(current);
        }
        applied = current;
    });
}

/// The reader's choice, as a signal.
pub fn use_theme() -> RwSignal<Theme> {
    expect_context()
}

fn storage() -> Option<web_sys::Storage> {
    window().local_storage().ok().flatten()
}

fn remembered() -> Theme {
    storage()
        .and_then(|storage| storage.get_item(STORAGE_KEY).ok().flatten())
        .map_or(Theme::System, |name| Theme::from_name(&name))
}

/// Where the browser refuses storage the choice lasts until the page is closed.
fn remember(theme: Theme) {
    if let Some(storage) = storage() {
        let _ = storage.set_item(STORAGE_KEY, theme.as_str());
    }
}

fn apply(theme: Theme) {
    if let Some(root) = document().document_element() {
        let _ = match theme {
            Theme::System => root.remove_attribute("data-theme"),
            Theme::Light | Theme::Dark => root.set_attribute("data-theme", theme.as_str()),
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_name_in_storage_means_the_system() {
        assert_eq!(Theme::from_name("dark"), Theme::Dark);
        assert_eq!(Theme::from_name("sepia"), Theme::System);
    }
}
