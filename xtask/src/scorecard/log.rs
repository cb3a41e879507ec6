//! Lines of a combined log, as far as a measurement asks for them.

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::Path;

use anyhow::Context;
use flate2::read::MultiGzDecoder;

/// What a line of a combined log says.
pub(crate) struct Line<'a> {
    pub(crate) ip: &'a str,
    pub(crate) method: &'a str,
    pub(crate) path: &'a str,
    pub(crate) agent: &'a str,
}

pub(crate) fn for_each_line(log: &Path, mut visit: impl FnMut(Line<'_>)) -> anyhow::Result<()> {
    let file = File::open(log).with_context(|| format!("opening {}", log.display()))?;
    for line in BufReader::new(MultiGzDecoder::new(file)).split(b'\n') {
        let line = line?;
        let line = String::from_utf8_lossy(&line);
        if let Some(line) = parse(&line) {
            visit(line);
        }
    }
    Ok(())
}

fn parse(line: &str) -> Option<Line<'_>> {
    let (ip, _) = line.split_once(' ')?;
    let mut quoted = line.split('"').skip(1).step_by(2);
    let request = quoted.next()?;
    let _referer = quoted.next()?;
    let agent = quoted.next()?;
    let mut request = request.split(' ');
    Some(Line {
        ip,
        method: request.next()?,
        path: request.next()?,
        agent,
    })
}

/// Whether a user agent is that of a browser and does not call itself anything else.
pub(crate) fn is_browser(agent: &str) -> bool {
    const BROWSERS: &[&str] = &[
        "Chrome/", "Firefox/", "Safari/", "MSIE ", "Trident/", "Opera",
    ];
    const OTHERS: &[&str] = &[
        "bot", "crawl", "spider", "slurp", "feed", "monitor", "preview", "http:", "https:",
    ];
    let lower = agent.to_ascii_lowercase();
    BROWSERS.iter().any(|name| agent.contains(name))
        && !OTHERS.iter().any(|name| lower.contains(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_gives_who_asked_for_what() {
        let line = parse(
            "192.0.2.7 - - [20/Feb/2016:00:00:45 -0500] \"POST /wp-login.php HTTP/1.1\" 200 187 \"-\" \"curl/8\"",
        );
        let line = line.unwrap();
        assert_eq!(
            (line.ip, line.method, line.path),
            ("192.0.2.7", "POST", "/wp-login.php")
        );
        assert_eq!(line.agent, "curl/8");
        assert!(parse("rubbish").is_none());
    }

    #[test]
    fn a_crawler_that_names_itself_is_no_browser() {
        assert!(is_browser(
            "Mozilla/5.0 (X11; rv:44.0) Gecko/20100101 Firefox/44.0"
        ));
        assert!(!is_browser(
            "Mozilla/5.0 (iPhone) Safari/600.1 (compatible; YandexMobileBot/3.0)"
        ));
        assert!(!is_browser(
            "jetmon/1.0 (Jetpack Site Uptime Monitor by WordPress.com)"
        ));
    }
}
