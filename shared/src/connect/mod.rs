//! How traffic gets here from the tools that people run: for each tool a few steps, with texts to
//! copy that need nothing but this server's address and a token. Data only; the console shows it
//! and makes the token.

mod clouds;
mod collectors;
mod servers;

use std::borrow::Cow;

/// What stands in a text for this server's address, e.g. `https://botscope.example`.
pub const ADDRESS: &str = "{address}";
/// The same with its port, always: some tools think of another one where none is named.
pub const ORIGIN: &str = "{origin}";
/// For its host alone.
pub const HOST: &str = "{host}";
/// For its port.
pub const PORT: &str = "{port}";
/// For `on` where it is asked by TLS, else `off`.
pub const TLS: &str = "{tls}";
/// For the secret of a token.
pub const TOKEN: &str = "{token}";
/// For the name of the application.
pub const APPLICATION: &str = "{application}";

/// The parts that a text may have.
const PLACES: [&str; 7] = [ADDRESS, ORIGIN, HOST, PORT, TLS, TOKEN, APPLICATION];

/// Which kind of tool it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ToolKind {
    /// What answers requests.
    Server,
    /// What collects logs.
    Collector,
    /// What runs elsewhere.
    Cloud,
}

impl ToolKind {
    /// All of them, in the order they are shown.
    pub const ALL: [Self; 3] = [Self::Server, Self::Collector, Self::Cloud];

    /// The name that people read.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Server => "Web servers and proxies",
            Self::Collector => "Collectors",
            Self::Cloud => "Clouds",
        }
    }
}

/// A tool.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tool {
    /// Its name in an address.
    pub id: &'static str,
    /// The name that people read.
    pub name: &'static str,
    /// What kind it is.
    pub kind: ToolKind,
    /// What is to be done, in this order.
    pub steps: &'static [Step],
}

/// One thing to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Step {
    /// What, in a sentence.
    pub text: &'static str,
    /// Where the text to copy belongs: a file's name, or `Shell`.
    pub place: &'static str,
    /// The text to copy.
    pub snippet: &'static str,
}

const fn step(text: &'static str, place: &'static str, snippet: &'static str) -> Step {
    Step {
        text,
        place,
        snippet,
    }
}

/// Where a text is run.
const SHELL: &str = "Shell";

/// All tools, those of each kind together.
pub const TOOLS: &[Tool] = &[
    servers::NGINX,
    servers::NGINX_SYSLOG,
    servers::CADDY,
    servers::TRAEFIK,
    servers::ENVOY,
    servers::HAPROXY,
    servers::FILE,
    collectors::VECTOR,
    collectors::FLUENT_BIT,
    collectors::OPEN_TELEMETRY,
    collectors::FILEBEAT,
    collectors::RSYSLOG,
    collectors::CURL,
    clouds::CLOUDFLARE,
    clouds::CLOUDFRONT,
    clouds::LOAD_BALANCER,
];

/// The tool of that name.
#[must_use]
pub fn find_tool(id: &str) -> Option<&'static Tool> {
    TOOLS.iter().find(|tool| tool.id == id)
}

/// What the texts are filled in with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Filling {
    /// This server's address, without a slash at its end.
    pub address: String,
    /// The secret of a token, or what stands for it until there is one.
    pub token: String,
    /// The application's name.
    pub application: String,
}

impl Filling {
    /// The text with everything in its place.
    #[must_use]
    pub fn fill(&self, text: &str) -> String {
        let mut filled = String::with_capacity(text.len() + 100);
        let mut rest = text;
        while let Some(at) = rest.find('{') {
            filled.push_str(&rest[..at]);
            rest = &rest[at..];
            match PLACES.iter().find(|place| rest.starts_with(**place)) {
                Some(place) => {
                    filled.push_str(&self.value(place));
                    rest = &rest[place.len()..];
                }
                None => {
                    filled.push('{');
                    rest = &rest[1..];
                }
            }
        }
        filled.push_str(rest);
        filled
    }

    fn value(&self, place: &str) -> Cow<'_, str> {
        let (scheme, authority) = match self.address.split_once("://") {
            Some((scheme, authority)) => (scheme, authority),
            None => ("http", &*self.address),
        };
        let is_secure = scheme == "https";
        // The port of an IPv6 address stands behind its bracket.
        let (host, port) = match authority.rsplit_once(':') {
            Some((host, port)) if !port.contains(']') => (host, port),
            _ => (authority, if is_secure { "443" } else { "80" }),
        };
        match place {
            ADDRESS => (&*self.address).into(),
            ORIGIN => format!("{scheme}://{host}:{port}").into(),
            HOST => host.trim_matches(['[', ']']).into(),
            PORT => port.into(),
            TLS => if is_secure { "on" } else { "off" }.into(),
            TOKEN => (&*self.token).into(),
            // It stands in the shell's single quotes.
            _ => self.application.replace('\'', r"'\''").into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filling(address: &str) -> Filling {
        Filling {
            address: address.to_owned(),
            token: "botscope_5ec2e7".to_owned(),
            application: "Ann's shop".to_owned(),
        }
    }

    fn texts(tool: &Tool) -> String {
        tool.steps.iter().map(|step| step.snippet).collect()
    }

    #[test]
    fn every_tool_has_a_name_of_its_own_and_those_of_a_kind_stand_together() {
        for (index, tool) in TOOLS.iter().enumerate() {
            assert_eq!(find_tool(tool.id), Some(tool), "{}", tool.id);
            assert!(TOOLS[..index].iter().all(|other| other.name != tool.name));
            assert!(!tool.steps.is_empty());
        }
        let mut kinds: Vec<_> = TOOLS.iter().map(|tool| tool.kind.label()).collect();
        kinds.dedup();
        assert_eq!(kinds, ToolKind::ALL.map(ToolKind::label));
    }

    #[test]
    fn every_tool_is_told_the_address_and_the_token_once() {
        for tool in TOOLS {
            let texts = texts(tool);
            let count = |place| texts.matches(place).count();
            if texts.contains("--syslog") {
                // What listens knows the application itself.
                assert_eq!((count(APPLICATION), count(TOKEN)), (1, 0), "{}", tool.id);
                continue;
            }
            assert_eq!(count(TOKEN), 1, "{}", tool.id);
            let addresses = count(ADDRESS) + count(ORIGIN) + count(HOST);
            assert_eq!(addresses, 1, "{}", tool.id);
            assert_eq!(count(HOST), count(PORT), "{}", tool.id);
            assert_eq!(count(HOST), count(TLS), "{}", tool.id);
        }
    }

    #[test]
    fn texts_are_filled_in_and_other_braces_stay() {
        let text = r#"{"a":"{address}/x"} {host}:{port} {tls} {origin} {token} '{application}' {"#;
        for (address, filled) in [
            (
                "https://botscope.example",
                r#"{"a":"https://botscope.example/x"} botscope.example:443 on https://botscope.example:443 "#,
            ),
            (
                "http://localhost:8080",
                r#"{"a":"http://localhost:8080/x"} localhost:8080 off http://localhost:8080 "#,
            ),
            (
                "http://[::1]:8080",
                r#"{"a":"http://[::1]:8080/x"} ::1:8080 off http://[::1]:8080 "#,
            ),
            (
                "https://[::1]",
                r#"{"a":"https://[::1]/x"} ::1:443 on https://[::1]:443 "#,
            ),
        ] {
            let expected = format!(r"{filled}botscope_5ec2e7 'Ann'\''s shop' {{");
            assert_eq!(filling(address).fill(text), expected);
        }
    }

    #[test]
    fn nothing_is_left_to_be_filled_in() {
        for step in TOOLS.iter().flat_map(|tool| tool.steps) {
            let filled = filling("https://botscope.example").fill(step.snippet);
            for place in PLACES {
                assert!(!filled.contains(place), "{filled}");
            }
            assert!(!step.text.contains('{'), "{}", step.text);
            assert!(!step.snippet.ends_with('\n') && !step.snippet.contains('\t'));
        }
    }

    #[test]
    fn what_is_json_is_json() {
        for step in TOOLS.iter().flat_map(|tool| tool.steps) {
            let filled = filling("https://botscope.example").fill(step.snippet);
            if step.place.ends_with(".json") {
                let read: Result<serde_json::Value, _> = serde_json::from_str(&filled);
                assert!(read.is_ok(), "{filled}");
            }
        }
    }
}
