//! The routes of API tokens: those that the tenant shares, and one's own.

use gloo_net::http::Request;
use shared::{ApplicationId, CreatedToken, Page, Role, Token, TokenId};
use wasm_bindgen::JsValue;

use super::{Answer, act, body, get, write};

/// Whose tokens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Whose {
    /// Those that the tenant shares.
    Tenant,
    /// Those of whoever asks.
    Mine,
}

/// A token to make.
#[derive(Debug, Clone)]
pub struct TokenForm {
    /// What it is for.
    pub name: String,
    /// What it may do.
    pub role: Role,
    /// The only application that it is for; absent for all.
    pub application: Option<ApplicationId>,
    /// How long it holds.
    pub duration: String,
}

/// The tokens, by name.
pub fn tokens(
    whose: Whose,
    cursor: Option<&str>,
) -> impl Future<Output = Answer<Page<Token>>> + use<> {
    match whose {
        Whose::Tenant => get("tokens", &[("cursor", cursor)]),
        Whose::Mine => get("me/tokens", &[("cursor", cursor)]),
    }
}

/// Makes a token.
pub fn create_token(
    whose: Whose,
    form: &TokenForm,
) -> impl Future<Output = Answer<CreatedToken>> + use<> {
    let application = form.application.map(|id| id.to_string());
    let fields = body(&[
        ("name", form.name.as_str().into()),
        ("role", form.role.as_str().into()),
        (
            "application_id",
            application.map_or(JsValue::UNDEFINED, JsValue::from),
        ),
        ("duration", form.duration.as_str().into()),
    ]);
    match whose {
        Whose::Tenant => write(Request::post, "tokens", &fields),
        Whose::Mine => write(Request::post, "me/tokens", &fields),
    }
}

/// Revokes a token.
pub async fn revoke_token(whose: Whose, id: TokenId) -> Answer<()> {
    match whose {
        Whose::Tenant => act(Request::delete, &format!("tokens/{id}"), &[]).await,
        Whose::Mine => act(Request::delete, &format!("me/tokens/{id}"), &[]).await,
    }
}
