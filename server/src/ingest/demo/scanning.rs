//! Bots after holes: word lists of paths, lists of known mistakes, database errors provoked on
//! purpose, and the handful of probes that every server on the internet gets all day.

use super::agents;
use super::script::{Script, Sender};
use super::shop::Meaning;

/// Halves of the names that a word list holds.
#[rustfmt::skip]
const WORDS: &[&str] = &[
    "admin", "api", "app", "archive", "assets", "auth", "backup", "beta", "bin", "cache", "cgi",
    "common", "config", "console", "content", "core", "cron", "data", "db", "debug", "demo", "dev",
    "docs", "download", "dump", "edit", "error", "export", "files", "forum", "home", "html",
    "images", "import", "include", "index", "info", "install", "internal", "js", "lib", "local",
    "log", "mail", "main", "manager", "media", "member", "misc", "module", "monitor", "new", "news",
    "old", "order", "panel", "portal", "private", "proxy", "public", "report", "rest", "root",
    "secure", "server", "service", "setup", "site", "sql", "staff", "stage", "static", "stats",
    "store", "support", "system", "temp", "test", "tmp", "tools", "update", "upload", "user",
    "vendor", "web", "work", "xml", "zip",
];

/// What every server on the internet is asked for.
const PROBES: &[&str] = &[
    "/.env",
    "/.git/config",
    "/wp-login.php",
    "/xmlrpc.php",
    "/phpmyadmin/index.php",
    "/vendor/phpunit/phpunit/src/Util/PHP/eval-stdin.php",
    "/boaform/admin/formLogin",
    "/actuator/env",
    "/server-status",
    "/config.json",
    "/.aws/credentials",
    "/backup.sql",
    "/solr/admin/info/system",
    "/owa/auth/logon.aspx",
    "/cgi-bin/luci",
    "/HNAP1/",
];

/// Mistakes that a vulnerability scanner knows.
const MISTAKES: &[&str] = &[
    "/admin.php",
    "/phpinfo.php",
    "/test.php",
    "/cgi-bin/test.cgi",
    "/cgi-bin/printenv",
    "/manager/html",
    "/icons/",
    "/.htaccess",
    "/.htpasswd",
    "/.svn/entries",
    "/web.config",
    "/server-info",
    "/debug/pprof/",
    "/console/",
    "/jmx-console/",
    "/struts/webconsole.html",
    "/wp-config.php.bak",
    "/database.sql",
    "/dump.sql.gz",
    "/id_rsa",
    "/../../../../etc/passwd",
    "/index.php?page=../../../../etc/passwd%00",
    "/search?q=%3Cscript%3Ealert(1)%3C/script%3E",
    "/category/lamps?page=1%20AND%201=1",
    "/%2e%2e/%2e%2e/etc/shadow",
];

fn program(script: &mut Script, address: &str, user_agent: &str) {
    script.be(Sender {
        address: address.to_owned(),
        user_agent: user_agent.to_owned(),
        ..Sender::default()
    });
}

/// A word list of paths, as fast as the shop answers, as ffuf does it.
pub(super) fn fuzz_paths(script: &mut Script, address: &str) {
    program(script, address, "Fuzz Faster U Fool v2.1.0-dev");
    for word in WORDS {
        script.get(format!("/{word}"));
        script.wait(8..40);
    }
    for (first, second) in WORDS
        .iter()
        .flat_map(|word| WORDS.iter().map(move |other| (word, other)))
    {
        if !script.goes_on() {
            return;
        }
        let between = ["-", "_", "/", ""][(first.len() + second.len()) % 4];
        script.get(format!("/{first}{between}{second}"));
        script.wait(8..70);
    }
}

/// Known mistakes in many places, as nikto does it.
pub(super) fn look_for_mistakes(script: &mut Script, address: &str) {
    program(
        script,
        address,
        "Mozilla/5.00 (Nikto/2.5.0) (Evasions:None) (Test:Port Check)",
    );
    script.get("/");
    for folder in [
        "", "/shop", "/old", "/backup", "/test", "/cgi-bin", "/admin", "/api", "/blog", "/dev",
    ] {
        for mistake in MISTAKES {
            if !script.goes_on() {
                return;
            }
            script.get(format!("{folder}{mistake}"));
            script.wait(90..420);
        }
    }
}

/// Databases errors provoked through one parameter, as sqlmap does it.
pub(super) fn inject(script: &mut Script, address: &str) {
    program(script, address, "sqlmap/1.9.8#stable (https://sqlmap.org)");
    script.get("/search?q=lamp");
    while script.goes_on() {
        let number = script.random.number(1_000..9_999);
        let column = script.random.number(1..12);
        let payload = match script.random.number(0..4) {
            0 => format!("lamp%27%20AND%20{number}%3D{number}--%20-"),
            1 => format!(
                "lamp%29%20UNION%20ALL%20SELECT%20{}--",
                vec!["NULL"; column as usize].join("%2C")
            ),
            2 => format!("lamp%27%20AND%20SLEEP%285%29%20AND%20%27{number}%27%3D%27{number}"),
            _ => format!("lamp%27%20ORDER%20BY%20{column}%23"),
        };
        script.get(format!("/search?q={payload}"));
        script.wait(200..1_100);
    }
}

/// A scanner that hides: a browser's user agent, a request every few seconds, the same holes.
pub(super) fn scan_slowly(script: &mut Script, address: &str) {
    let agent = agents::chrome(script.now, "Windows NT 10.0; Win64; x64", 0);
    program(script, address, &agent);
    script.get("/");
    let mut round = 0;
    while script.goes_on() {
        script.wait(3_500..6_500);
        let probe = PROBES[round % PROBES.len()];
        let word = WORDS[round * 7 % WORDS.len()];
        round += 1;
        if round % 2 == 0 {
            script.get(probe);
        } else {
            script.get(format!("/{word}.bak"));
        }
    }
}

/// A handful of probes in passing.
pub(super) fn probe(script: &mut Script, address: &str) {
    let agent = script.random.pick(&[
        "",
        "Mozilla/5.0 zgrab/0.x",
        "Go-http-client/1.1",
        "curl/8.14.1",
    ]);
    program(script, address, agent);
    let first = script.random.number(0..PROBES.len() as u64) as usize;
    for number in 0..script.random.number(4..11) as usize {
        let probe = PROBES[(first + number) % PROBES.len()];
        script.send("GET", probe, 0, Meaning::Plain);
        script.wait(150..1_900);
    }
}
