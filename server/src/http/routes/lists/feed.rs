//! `GET /lists/deny.txt`: the deny list for whatever enforces it, in the form it reads. The
//! same list gives the same bytes, so that a tag tells whether it changed.

use std::fmt::Write;
use std::hash::Hasher;
use std::str::FromStr;

use axum::response::{IntoResponse, Response};
use http::{HeaderName, StatusCode, header};
use shared::{ApplicationId, ErrorCode, ListKind, NetworkSet};
use siphasher::sip128::{Hasher128, SipHasher13};
use utoipa::openapi::Content;
use utoipa::{IntoParams, PartialSchema};

use super::find_application;
use crate::http::error::ApiError;
use crate::http::fields::{Fields, Params};
use crate::http::reply::{Reply, Schemas};
use crate::http::route::Context;
use crate::store::ListRow;

/// What the feed takes.
#[derive(IntoParams)]
pub(in crate::http) struct FeedParams {
    /// `plain` (a subnet a line), `nginx` (`deny` directives) or `nftables` (for `nft -f`: the
    /// sets `deny4` and `deny6` of the table `inet botscope`).
    #[param(value_type = String, default = "plain", pattern = "^(plain|nginx|nftables)$")]
    format: Format,
    /// The application in front of which it is used: what is denied there. Otherwise what is
    /// denied on every application there is.
    #[param(value_type = String)]
    application: Option<String>,
}

impl Params for FeedParams {
    fn read(fields: &mut Fields) -> Result<Self, ApiError> {
        Ok(Self {
            format: fields.optional("format")?.unwrap_or(Format::Plain),
            application: fields.optional("application")?,
        })
    }
}

#[derive(Debug, Clone, Copy)]
enum Format {
    Plain,
    Nginx,
    Nftables,
}

impl FromStr for Format {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "plain" => Ok(Self::Plain),
            "nginx" => Ok(Self::Nginx),
            "nftables" => Ok(Self::Nftables),
            _ => Err("expected plain, nginx or nftables"),
        }
    }
}

/// A text with a strong tag; without its body for who has it already.
pub(in crate::http) struct Feed {
    tag: String,
    /// `None` if the caller has it.
    text: Option<String>,
}

impl IntoResponse for Feed {
    fn into_response(self) -> Response {
        let headers: [(HeaderName, &str); 3] = [
            (header::ETAG, &self.tag),
            // Keep it, but ask whether it changed.
            (header::CACHE_CONTROL, "no-cache"),
            (header::CONTENT_TYPE, "text/plain; charset=utf-8"),
        ];
        match self.text {
            Some(text) => (headers, text).into_response(),
            None => (StatusCode::NOT_MODIFIED, headers).into_response(),
        }
    }
}

impl Reply for Feed {
    const MEDIA_TYPE: &'static str = "text/plain";

    fn describe(_: &mut Schemas) -> Content {
        Content::new(Some(String::schema()))
    }
}

pub(in crate::http) async fn deny(context: Context, params: FeedParams) -> Result<Feed, ApiError> {
    if context.is_masked {
        let detail = "your role sees addresses only in part, and nothing can be enforced by that";
        return Err(ApiError::new(ErrorCode::Forbidden, detail));
    }
    let application = match &params.application {
        Some(name) => Some(find_application(&context.store, "application", name).await?),
        None => context.caller.application(),
    };
    // Whoever asks about one application only hears nothing of the others.
    if context
        .caller
        .application()
        .is_some_and(|own| application != Some(own))
    {
        return Err(ApiError::not_found("application"));
    }
    let denied = context
        .store
        .list_in_force(ListKind::Deny, context.now)
        .await?;
    let known = context.store.list_application_names().await?;
    let holds = |row: &&ListRow| match application {
        Some(id) => row.holds_for(id),
        None => holds_everywhere(row, &known),
    };
    let denied: NetworkSet = denied.iter().filter(holds).map(|row| row.object).collect();
    let text = write(&denied, params.format);
    let tag = tag(&text);
    let is_known = context
        .if_none_match
        .is_some_and(|known| has_tag(&known, &tag));
    Ok(Feed {
        text: (!is_known).then_some(text),
        tag,
    })
}

/// Who is denied on some applications only must not be kept from the others.
fn holds_everywhere(row: &ListRow, known: &[(ApplicationId, String)]) -> bool {
    row.applications.is_none()
        || !known.is_empty() && known.iter().all(|(id, _)| row.holds_for(*id))
}

fn write(denied: &NetworkSet, format: Format) -> String {
    let mut text = String::new();
    match format {
        Format::Plain => {
            for network in denied.iter() {
                let _ = writeln!(text, "{network}");
            }
        }
        Format::Nginx => {
            for network in denied.iter() {
                let _ = writeln!(text, "deny {network};");
            }
        }
        Format::Nftables => write_nftables(&mut text, denied),
    }
    text
}

/// A file that replaces the content of two sets in one step; rules that use them stay.
fn write_nftables(text: &mut String, denied: &NetworkSet) {
    text.push_str(
        "table inet botscope {\n\
         \tset deny4 { type ipv4_addr; flags interval; }\n\
         \tset deny6 { type ipv6_addr; flags interval; }\n\
         }\n\
         flush set inet botscope deny4\n\
         flush set inet botscope deny6\n",
    );
    for (set, is_v4) in [("deny4", true), ("deny6", false)] {
        let of_family = denied.iter().filter(|network| network.is_v4() == is_v4);
        let elements: Vec<String> = of_family.map(|network| network.to_string()).collect();
        if !elements.is_empty() {
            let elements = elements.join(",\n\t");
            let _ = writeln!(text, "add element inet botscope {set} {{\n\t{elements}\n}}");
        }
    }
}

/// The same text has the same tag, in every process.
fn tag(text: &str) -> String {
    let mut hasher = SipHasher13::new_with_keys(0, 5);
    hasher.write(text.as_bytes());
    format!("\"{:032x}\"", hasher.finish128().as_u128())
}

/// Whether an `If-None-Match` header names the tag. A proxy that compressed the text may have
/// made the tag a weak one.
fn has_tag(header: &str, tag: &str) -> bool {
    let mut known = header.split(',').map(str::trim);
    known.any(|known| known == "*" || known.strip_prefix("W/").unwrap_or(known) == tag)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(texts: &[&str]) -> NetworkSet {
        texts.iter().map(|text| text.parse().unwrap()).collect()
    }

    #[test]
    fn each_form_names_the_same_subnets() {
        let denied = set(&["2001:db8::/48", "192.0.2.1", "192.0.2.0", "10.0.0.7"]);
        let check = |format, expected: &str| assert_eq!(write(&denied, format), expected);
        check(Format::Plain, "10.0.0.7\n192.0.2.0/31\n2001:db8::/48\n");
        check(
            Format::Nginx,
            "deny 10.0.0.7;\ndeny 192.0.2.0/31;\ndeny 2001:db8::/48;\n",
        );
        let nftables = write(&denied, Format::Nftables);
        let v4 = "add element inet botscope deny4 {\n\t10.0.0.7,\n\t192.0.2.0/31\n}\n";
        assert!(nftables.contains(v4), "{nftables}");
        // A set without elements is emptied and stays.
        let empty = write(&NetworkSet::default(), Format::Nftables);
        assert!(empty.contains("flush set inet botscope deny6"), "{empty}");
        assert!(!empty.contains("add element"), "{empty}");
        assert_eq!(write(&NetworkSet::default(), Format::Plain), "");
    }

    #[test]
    fn a_tag_is_known_again_in_a_list_and_weakened() {
        let own = tag("10.0.0.7\n");
        assert_ne!(own, tag("10.0.0.8\n"));
        assert!(has_tag(&own, &own) && has_tag("*", &own));
        assert!(has_tag(&format!("\"x\", W/{own}"), &own));
        assert!(!has_tag("", &own) && !has_tag("\"x\"", &own));
    }
}
