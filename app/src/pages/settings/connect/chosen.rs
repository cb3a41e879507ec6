//! What was chosen on the page so far. The tool stands in the address; a secret nowhere but here.

use leptos::prelude::*;
use shared::connect::{Filling, TOOLS, Tool, find_tool};
use shared::{Application, ApplicationId, IngestApplication, IngestHealth, Overview};

use super::super::traffic::use_health;
use crate::state::address::use_parameter;
use crate::state::overview::use_overview;
use crate::state::remote::Remote;

/// What stands in the texts until there is a token.
pub(super) const NO_TOKEN: &str = "TOKEN";

/// What was chosen, and what is known of it.
#[derive(Clone, Copy)]
pub(super) struct Chosen {
    /// The tool in the address, the first one if there is none.
    pub(super) tool: Memo<&'static Tool>,
    /// The application's identifier; empty for one to be made.
    pub(super) application: RwSignal<String>,
    /// The name of the one to be made.
    pub(super) new_name: RwSignal<String>,
    /// The token that was made, and for which application.
    pub(super) made: RwSignal<Option<Made>>,
    pub(super) overview: Remote<Overview>,
    pub(super) health: Remote<IngestHealth>,
}

/// A token that was made here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Made {
    pub(super) secret: String,
    /// What the token is called.
    pub(super) name: String,
    pub(super) of: ApplicationId,
}

impl Chosen {
    pub(super) fn new() -> Self {
        let name = use_parameter("tool");
        let tool = Memo::new(move |_| {
            let named = name.with(|name| find_tool(name.as_deref()?));
            named.unwrap_or(&TOOLS[0])
        });
        let overview = use_overview();
        let application = RwSignal::new(String::new());
        // The first one there is, until somebody chooses.
        Effect::new(move |is_chosen: Option<bool>| {
            if is_chosen == Some(true) {
                return true;
            }
            let overview = overview.value.read();
            let Some(known) = &*overview else {
                return false;
            };
            if let Some(first) = real(known).next() {
                application.set(first.id.to_string());
            }
            true
        });
        Self {
            tool,
            application,
            new_name: RwSignal::new(String::new()),
            made: RwSignal::new(None),
            overview,
            health: use_health(),
        }
    }

    /// The application that was chosen; absent for one to be made. Reactive.
    pub(super) fn application(self) -> Option<Application> {
        let id: ApplicationId = self.application.read().parse().ok()?;
        let overview = self.overview.value.read();
        let mut all = overview.as_ref()?.applications.iter();
        all.find(|one| one.id == id).cloned()
    }

    /// The applications to choose from, by identifier and name, and last the one to be made.
    pub(super) fn options(self) -> Vec<(String, String)> {
        // Which of them is chosen, they say when they are made.
        self.application.track();
        let overview = self.overview.value.read();
        let all = overview.iter().flat_map(real);
        let all = all.map(|one| (one.id.to_string(), one.name.clone()));
        let new = (String::new(), "A new one …".to_owned());
        all.chain(std::iter::once(new)).collect()
    }

    /// What the texts are filled in with. Reactive.
    pub(super) fn filling(self) -> Filling {
        let application = match self.application() {
            Some(application) => application.name,
            None => self.new_name.get(),
        };
        let made = self.made.read();
        Filling {
            address: window().location().origin().unwrap_or_default(),
            token: match &*made {
                Some(made) => made.secret.clone(),
                None => NO_TOKEN.to_owned(),
            },
            application: match application.is_empty() {
                true => "APPLICATION".to_owned(),
                false => application,
            },
        }
    }

    /// What arrived at the application. Reactive.
    pub(super) fn arriving(self) -> Option<IngestApplication> {
        let id: ApplicationId = self.application.read().parse().ok()?;
        let health = self.health.value.read();
        let mut all = health.as_ref()?.applications.iter();
        all.find(|one| one.application_id == id).cloned()
    }

    /// Whether what sends needs a token.
    pub(super) fn needs_token(self) -> bool {
        let steps = self.tool.get().steps;
        steps
            .iter()
            .any(|step| step.snippet.contains(shared::connect::TOKEN))
    }
}

/// Those that real traffic may go to.
fn real(overview: &Overview) -> impl Iterator<Item = &Application> {
    let all = overview.applications.iter();
    all.filter(|one| one.demo_seed.is_none())
}
