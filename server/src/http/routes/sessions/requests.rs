//! `/sessions/{id}/requests` and `/sessions/{id}/facets`. Both walk over the session's stored
//! requests; a session may have a hundred thousand.

use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};

use engine::Address;
use shared::{AttackId, BotType, SessionFacets, SessionId, SessionRequest};
use utoipa::IntoParams;

use super::endpoints::Endpoints;
use super::facets::{Counted, FacetCounts};
use super::{body, find};
use crate::http::error::ApiError;
use crate::http::fields::{Fields, Params};
use crate::http::reply::{Json, List};
use crate::http::route::Context;
use crate::http::routes::map_page;
use crate::http::routes::params::{IdParams, PageParams};
use crate::store::{PageRequest, SessionRequestRow, SessionRow, StoreError, TenantStore};

/// What the list of requests takes.
pub(in crate::http) struct RequestsParams {
    session: IdParams<SessionId>,
    filter: FilterParams,
    page: PageParams,
}

/// Which requests; all conditions must hold.
#[derive(IntoParams)]
struct FilterParams {
    /// Only hits of this attack.
    #[param(value_type = String, pattern = "^[0-9a-fA-F]{1,16}$")]
    attack: Option<AttackId>,
    /// Only hits of any attack.
    #[param(value_type = bool)]
    malicious: Option<bool>,
    /// Only this method.
    #[param(value_type = String)]
    method: Option<String>,
    /// Only this response status; 0 is none.
    #[param(value_type = u16, minimum = 0, maximum = 999)]
    status: Option<u16>,
    /// Only this source.
    #[param(value_type = String)]
    ip: Option<IpAddr>,
    /// Only this URL template.
    #[param(value_type = String)]
    template: Option<String>,
    /// Only hits of attacks of this type.
    #[param(value_type = String)]
    attack_type: Option<BotType>,
}

impl IntoParams for RequestsParams {
    fn into_params(
        location: impl Fn() -> Option<utoipa::openapi::path::ParameterIn>,
    ) -> Vec<utoipa::openapi::path::Parameter> {
        let mut params = IdParams::<SessionId>::into_params(&location);
        params.extend(FilterParams::into_params(&location));
        params.extend(PageParams::into_params(&location));
        params
    }
}

impl Params for RequestsParams {
    fn read(fields: &mut Fields) -> Result<Self, ApiError> {
        Ok(Self {
            session: IdParams::read(fields)?,
            filter: FilterParams {
                attack: fields.optional("attack")?,
                malicious: fields.optional("malicious")?,
                method: fields.optional("method")?,
                status: fields.optional("status")?,
                ip: fields.optional("ip")?,
                template: fields.optional("template")?,
                attack_type: fields.optional("attack_type")?,
            },
            page: PageParams::read(fields)?,
        })
    }
}

impl FilterParams {
    /// Whether everything but the template fits.
    fn takes(&self, row: &SessionRequestRow) -> bool {
        let request = row.request.request();
        let hits = || {
            row.attacks
                .iter()
                .filter(|attack| !attack.detectors.is_empty())
        };
        self.status.is_none_or(|status| request.status == status)
            && self
                .ip
                .is_none_or(|ip| request.address == Address::from(ip))
            && (self.method.as_deref())
                .is_none_or(|method| row.request.text(request.method) == method)
            && is_hit_of(row, self.attack)
            && (self.attack_type)
                .is_none_or(|bot_type| hits().any(|attack| attack.bot_type == bot_type))
            && (self.malicious != Some(true) || hits().next().is_some())
    }
}

pub(in crate::http) async fn requests(
    context: Context,
    params: RequestsParams,
) -> Result<List<SessionRequest>, ApiError> {
    let (store, filter) = (&context.store, params.filter);
    let session = find(&context, params.session.id).await?;
    let mut endpoints = Endpoints::default();
    if filter.template.is_some() {
        let note = |row: &SessionRequestRow| {
            if filter.takes(row) {
                endpoints.note(&row.request);
            }
        };
        visit(store, &session, note).await?;
        endpoints.resolve(store, session.application_id).await?;
    }
    let has_template = |row: &SessionRequestRow| {
        filter.template.as_ref().is_none_or(|template| {
            let endpoint = endpoints.of(&row.request);
            endpoint.is_some_and(|endpoint| endpoint.template == *template)
        })
    };
    let keep = |row: &SessionRequestRow| filter.takes(row) && has_template(row);
    let page = params.page.to_request();
    let rows = store.list_session_requests(&session, &keep, page).await?;

    let mut endpoints = Endpoints::default();
    for row in &rows.items {
        endpoints.note(&row.request);
    }
    endpoints.resolve(store, session.application_id).await?;
    Ok(List(map_page(rows, |row| {
        let endpoint = endpoints.of(&row.request).expect("all rows were noted");
        body::request(row, endpoint)
    })))
}

/// What the facets take.
#[derive(IntoParams)]
pub(in crate::http) struct FacetsParams {
    /// The session.
    #[param(value_type = String, pattern = "^[0-9a-fA-F]{1,16}$")]
    id: SessionId,
    /// Only the hits of this attack.
    #[param(value_type = String, pattern = "^[0-9a-fA-F]{1,16}$")]
    attack: Option<AttackId>,
}

impl Params for FacetsParams {
    fn read(fields: &mut Fields) -> Result<Self, ApiError> {
        Ok(Self {
            id: fields.path("id")?,
            attack: fields.optional("attack")?,
        })
    }
}

pub(in crate::http) async fn facets(
    context: Context,
    params: FacetsParams,
) -> Result<Json<SessionFacets>, ApiError> {
    let session = find(&context, params.id).await?;
    let mut endpoints = Endpoints::default();
    let mut counts = FacetCounts::default();
    let count = |row: &SessionRequestRow| {
        if is_hit_of(row, params.attack) {
            let endpoint = endpoints.note(&row.request);
            counts.add(&Counted::of(row, endpoint));
        }
    };
    visit(&context.store, &session, count).await?;
    endpoints
        .resolve(&context.store, session.application_id)
        .await?;
    Ok(Json(counts.finish(|key| endpoints.template(key))))
}

/// Whether a request is a hit of `attack`; every request is, if none is named.
fn is_hit_of(row: &SessionRequestRow, attack: Option<AttackId>) -> bool {
    attack.is_none_or(|id| {
        let mut attacks = row.attacks.iter();
        attacks.any(|attack| attack.id == id && !attack.detectors.is_empty())
    })
}

/// Shows every request of a session to `look`, in no order: nothing is kept of them.
async fn visit(
    store: &TenantStore,
    session: &SessionRow,
    look: impl FnMut(&SessionRequestRow) + Send,
) -> Result<(), StoreError> {
    // One thread calls it, but the store does not promise that.
    let look = Mutex::new(look);
    let keep = |row: &SessionRequestRow| {
        let mut look = look.lock().unwrap_or_else(PoisonError::into_inner);
        look(row);
        false
    };
    let nothing = PageRequest {
        cursor: None,
        limit: 1,
    };
    store.list_session_requests(session, &keep, nothing).await?;
    Ok(())
}
