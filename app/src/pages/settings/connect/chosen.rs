//! What was chosen on the page so far. The tool stands in the address; a secret nowhere but here.

use leptos::prelude::*;
use shared::connect::{Filling, TOOLS, Tool, find_tool};
use shared::{Application, ApplicationId, IngestApplication, IngestHealth, Overview};

use super::super::traffic::use_health;
use crate::format::visible;
use crate::state::address::use_parameter;
use crate::state::overview::use_overview;
use crate::state::remote::Remote;

/// What stands in the texts until there is a token.
pub(super) const NO_TOKEN: &str = "TOKEN";

/// What the choice of an application says of one to be made.
const NEW: &str = "new";

/// What was chosen, and what is known of it.
#[derive(Clone, Copy)]
pub(super) struct Chosen {
    /// The tool in the address, the first one if there is none.
    pub(super) tool: Memo<&'static Tool>,
    /// What the choice of an application says: an identifier, or that one is to be made. Empty
    /// until somebody chooses, which is the first one there is.
    pub(super) choice: RwSignal<String>,
    /// The application that was chosen; absent for one to be made.
    pub(super) application: Memo<Option<ApplicationId>>,
    /// The name of the one to be made.
    pub(super) new_name: RwSignal<String>,
    /// The token that was made last.
    made: RwSignal<Option<Made>>,
    pub(super) overview: Remote<Overview>,
    pub(super) health: Remote<IngestHealth>,
}

/// A token that was made here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Made {
    pub(super) secret: String,
    /// What the token is called.
    pub(super) name: String,
    /// What there was already of what was to be made.
    pub(super) notes: Vec<String>,
    /// For which application it is.
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
        let choice = RwSignal::new(String::new());
        let application = Memo::new(move |_| {
            let choice = choice.read();
            if !choice.is_empty() {
                return choice.parse().ok();
            }
            let overview = overview.value.read();
            real(overview.as_ref()?).next().map(|one| one.id)
        });
        Self {
            tool,
            choice,
            application,
            new_name: RwSignal::new(String::new()),
            made: RwSignal::new(None),
            overview,
            health: use_health(),
        }
    }

    /// The name of the application that was chosen; absent for one to be made. Reactive.
    pub(super) fn name(self) -> Option<String> {
        let id = self.application.get()?;
        let overview = self.overview.value.read();
        let mut all = overview.as_ref()?.applications.iter();
        all.find(|one| one.id == id).map(|one| one.name.clone())
    }

    /// The application of this name, if there is one to choose. Reactive.
    pub(super) fn called(self, name: &str) -> Option<ApplicationId> {
        let overview = self.overview.value.read();
        let mut all = real(overview.as_ref()?);
        all.find(|one| one.name == name).map(|one| one.id)
    }

    /// The token that was made for it, if one was: a token is of one application. Reactive.
    pub(super) fn made(self) -> Option<Made> {
        let of = self.application.get()?;
        self.made.get().filter(|made| made.of == of)
    }

    /// Shows a token that was made.
    pub(super) fn show(self, made: Made) {
        self.made.set(Some(made));
    }

    /// The applications to choose from, by identifier and name, and last the one to be made.
    pub(super) fn options(self) -> Vec<(String, String)> {
        let overview = self.overview.value.read();
        let all = overview.iter().flat_map(real);
        let all = all.map(|one| (one.id.to_string(), visible(&one.name).into_owned()));
        let new = (NEW.to_owned(), "A new one …".to_owned());
        all.chain(std::iter::once(new)).collect()
    }

    /// What the texts are filled in with. Reactive.
    pub(super) fn filling(self) -> Filling {
        let application = self.name().unwrap_or_else(|| self.new_name.get());
        Filling {
            address: window().location().origin().unwrap_or_default(),
            token: match self.made() {
                Some(made) => made.secret,
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
        let id = self.application.get()?;
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
