//! The log formats by name, and which of them a line may have. Not how they are read.

use std::fmt;
use std::str::FromStr;

use super::FieldMap;

/// A log format.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// Common and Combined Log Format of Apache, nginx and others, with further fields.
    Clf,
    /// One JSON object a line.
    Json,
    /// W3C's extended format: IIS, CloudFront.
    W3c,
    /// HAProxy's HTTP log.
    HaProxy,
    /// Envoy's and Istio's text.
    Envoy,
    /// The load balancers of AWS.
    LoadBalancer,
    /// Nginx Proxy Manager.
    ProxyManager,
}

/// What a user may call a format, and how it is shown.
const NAMES: &[(&str, Format)] = &[
    ("combined", Format::Clf),
    ("common", Format::Clf),
    ("json", Format::Json),
    ("w3c", Format::W3c),
    ("haproxy", Format::HaProxy),
    ("envoy", Format::Envoy),
    ("alb", Format::LoadBalancer),
    ("npm", Format::ProxyManager),
];

impl Format {
    /// All of them, the most usual first.
    pub(in crate::ingest) const ALL: [Self; 7] = [
        Self::Clf,
        Self::Json,
        Self::W3c,
        Self::HaProxy,
        Self::Envoy,
        Self::LoadBalancer,
        Self::ProxyManager,
    ];

    /// The formats that a line may have which begins with `first`.
    pub(super) const fn candidates(first: u8) -> &'static [Self] {
        match first {
            b'{' => &[Self::Json],
            b'#' => &[Self::W3c],
            b'[' => &[Self::Envoy, Self::ProxyManager, Self::Clf],
            // Words of an unknown collector may stand before an object.
            _ => &[
                Self::Clf,
                Self::HaProxy,
                Self::LoadBalancer,
                Self::W3c,
                Self::Json,
            ],
        }
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Clf => "common/combined",
            Self::Json => "JSON lines",
            Self::W3c => "W3C extended",
            Self::HaProxy => "HAProxy",
            Self::Envoy => "Envoy",
            Self::LoadBalancer => "AWS load balancer",
            Self::ProxyManager => "Nginx Proxy Manager",
        })
    }
}

/// Which format a source has, as far as the user said.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum FormatChoice {
    /// Found out from the first lines.
    #[default]
    Auto,
    /// This one.
    Given(Format),
}

/// A name that is no format.
#[derive(Debug, thiserror::Error)]
#[error("`{0}` is no log format; one of: auto, {1}")]
pub struct UnknownFormat(String, String);

impl FromStr for FormatChoice {
    type Err = UnknownFormat;

    fn from_str(text: &str) -> Result<Self, UnknownFormat> {
        let name = text.to_ascii_lowercase();
        if name == "auto" {
            return Ok(Self::Auto);
        }
        match NAMES.iter().find(|(known, _)| *known == name) {
            Some((_, format)) => Ok(Self::Given(*format)),
            None => {
                let known: Vec<_> = NAMES.iter().map(|(known, _)| *known).collect();
                let name = text.chars().take(40).collect();
                Err(UnknownFormat(name, known.join(", ")))
            }
        }
    }
}

/// What the user said about the fields of a source.
#[derive(Debug, Clone, Default)]
pub struct SourceConfig {
    /// The format.
    pub format: FormatChoice,
    /// Which field is which, where they have names.
    pub fields: FieldMap,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_format_has_a_name_and_begins_somehow() {
        for format in Format::ALL {
            assert!(NAMES.iter().any(|(_, named)| *named == format), "{format}");
            let is_tried = |first: u8| Format::candidates(first).contains(&format);
            assert!((0..=255).any(is_tried), "{format}");
        }
        let error = "xml".parse::<FormatChoice>().unwrap_err().to_string();
        assert!(
            error.contains("auto, combined, common, json, w3c"),
            "{error}"
        );
    }
}
