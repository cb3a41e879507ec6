//! A day with more bots than a heatmap shows, which no real log here has: as many bubbles as
//! there can be, to draw and to move.

use std::fmt::Write as _;
use std::fs;

use anyhow::Context;

use super::import;
use crate::place::Place;

/// The application that its log becomes.
const APPLICATION: &str = "crowd";

const BOTS: u32 = 44;
const REQUESTS: u32 = 240;

/// What scanners ask for.
const PATHS: &[&str] = &[
    "/.env",
    "/.git/config",
    "/wp-config.php.bak",
    "/phpmyadmin/index.php",
    "/actuator/env",
    "/server-status",
    "/cgi-bin/test-cgi",
    "/backup.sql",
    "/etc/passwd",
    "/solr/admin/info/system",
];

/// Crawlers that name themselves: the bubbles to compare with.
const CRAWLERS: &[&str] = &[
    "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
    "Mozilla/5.0 (compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm)",
    "Mozilla/5.0 (compatible; YandexBot/3.0; +http://yandex.com/bots)",
    "Mozilla/5.0 (compatible; AhrefsBot/7.0; +http://ahrefs.com/robot/)",
    "Mozilla/5.0 (compatible; Baiduspider/2.0; +http://www.baidu.com/search/spider.html)",
];

/// Imports it beside what is there.
pub(super) fn import(place: &Place) -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let log = folder.path().join("crowd.log");
    fs::write(&log, generated()).context("writing the generated log")?;
    import::import(place, APPLICATION, &log)?;
    Ok(())
}

/// The day as an access log. No two bots are alike, so that none are taken for one campaign.
fn generated() -> String {
    let mut log = String::new();
    for bot in 0..BOTS {
        for request in 0..REQUESTS {
            let second = bot * 600 + request * (1 + bot % 5);
            let path = match (request + bot) % 4 {
                0 => PATHS[(request / 4 + bot) as usize % PATHS.len()].to_owned(),
                1 if bot % 3 == 0 => "/login".to_owned(),
                _ => format!("/part-{bot}/{}", request % (5 + 7 * bot)),
            };
            let method = if path == "/login" { "POST" } else { "GET" };
            let status = if request % (2 + bot % 7) == 0 {
                404
            } else {
                200
            };
            let agent = format!("probe-{bot}/{}.0", bot % 9);
            line(&mut log, bot + 10, second, (method, &path), status, &agent);
        }
    }
    for (crawler, agent) in (0..).zip(CRAWLERS) {
        for request in 0..REQUESTS {
            let path = format!("/pages/{}", request * 3 + crawler);
            let second = request * (60 + crawler * 17);
            line(&mut log, crawler + 100, second, ("GET", &path), 200, agent);
        }
    }
    log
}

fn line(
    log: &mut String,
    host: u32,
    second: u32,
    (method, path): (&str, &str),
    status: u16,
    agent: &str,
) {
    let (hour, minute, second) = (second / 3_600, second / 60 % 60, second % 60);
    writeln!(
        log,
        "203.0.113.{host} - - [03/Mar/2026:{hour:02}:{minute:02}:{second:02} +0000] \
         \"{method} {path} HTTP/1.1\" {status} 512 \"-\" \"{agent}\""
    )
    .expect("a text takes everything");
}
