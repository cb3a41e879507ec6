//! Which requests of a session: what its requests, its facets and its CSV take alike.

use std::net::IpAddr;

use engine::Address;
use shared::{AttackId, BotType, SessionId, UnusualReason};
use utoipa::IntoParams;

use crate::http::error::ApiError;
use crate::http::fields::{Fields, Params};
use crate::store::{Choice, RequestFilter};

/// A session, or the journey that it is part of, and which of its requests. All conditions
/// must hold; of the values of one parameter, one.
#[derive(IntoParams)]
pub(in crate::http) struct SelectionParams {
    /// The session.
    #[param(value_type = String, pattern = "^[0-9a-fA-F]{1,16}$")]
    pub(super) id: SessionId,
    /// Whether the sessions that it continues from and goes on as over UTC midnight are joined.
    #[param(value_type = bool)]
    pub(super) join: Option<bool>,
    /// Only hits of this attack.
    #[param(value_type = String, pattern = "^[0-9a-fA-F]{1,16}$")]
    attack: Option<AttackId>,
    /// Only hits of any attack.
    #[param(value_type = bool)]
    malicious: Option<bool>,
    /// Only hits of attacks of these types.
    #[param(value_type = Vec<BotType>)]
    attack_type: Vec<BotType>,
    /// None of these.
    #[param(value_type = Vec<BotType>)]
    not_attack_type: Vec<BotType>,
    /// Only these methods.
    #[param(value_type = Vec<String>)]
    method: Vec<String>,
    /// None of these.
    #[param(value_type = Vec<String>)]
    not_method: Vec<String>,
    /// Only these response statuses; 0 is none.
    #[param(value_type = Vec<u16>)]
    status: Vec<u16>,
    /// None of these.
    #[param(value_type = Vec<u16>)]
    not_status: Vec<u16>,
    /// Only these sources.
    #[param(value_type = Vec<String>)]
    ip: Vec<IpAddr>,
    /// None of these.
    #[param(value_type = Vec<String>)]
    not_ip: Vec<IpAddr>,
    /// Only these URL templates.
    #[param(value_type = Vec<String>)]
    template: Vec<String>,
    /// None of these.
    #[param(value_type = Vec<String>)]
    not_template: Vec<String>,
    /// Only these signed-in users.
    #[param(value_type = Vec<String>)]
    user: Vec<String>,
    /// None of these.
    #[param(value_type = Vec<String>)]
    not_user: Vec<String>,
    /// Only those that are unusual for one of these reasons.
    #[param(value_type = Vec<UnusualReason>)]
    unusual: Vec<UnusualReason>,
    /// None of these.
    #[param(value_type = Vec<UnusualReason>)]
    not_unusual: Vec<UnusualReason>,
}

impl Params for SelectionParams {
    fn read(fields: &mut Fields) -> Result<Self, ApiError> {
        Ok(Self {
            id: fields.path("id")?,
            join: fields.optional("join")?,
            attack: fields.optional("attack")?,
            malicious: fields.optional("malicious")?,
            attack_type: fields.list("attack_type")?,
            not_attack_type: fields.list("not_attack_type")?,
            method: fields.list("method")?,
            not_method: fields.list("not_method")?,
            status: fields.list("status")?,
            not_status: fields.list("not_status")?,
            ip: fields.list("ip")?,
            not_ip: fields.list("not_ip")?,
            template: fields.list("template")?,
            not_template: fields.list("not_template")?,
            user: fields.list("user")?,
            not_user: fields.list("not_user")?,
            unusual: fields.list("unusual")?,
            not_unusual: fields.list("not_unusual")?,
        })
    }
}

impl SelectionParams {
    /// As the store takes it.
    pub(super) fn to_filter(&self) -> RequestFilter {
        let addresses = |ips: &[IpAddr]| ips.iter().copied().map(Address::from).collect();
        RequestFilter {
            hits_only: self.malicious == Some(true),
            attack: self.attack,
            attack_types: choice(&self.attack_type, &self.not_attack_type),
            addresses: Choice {
                only: addresses(&self.ip),
                not: addresses(&self.not_ip),
            },
            methods: choice(&self.method, &self.not_method),
            statuses: choice(&self.status, &self.not_status),
            templates: choice(&self.template, &self.not_template),
            users: choice(&self.user, &self.not_user),
            unusual: choice(&self.unusual, &self.not_unusual),
        }
    }
}

fn choice<T: Clone>(only: &[T], not: &[T]) -> Choice<T> {
    Choice {
        only: only.to_vec(),
        not: not.to_vec(),
    }
}
