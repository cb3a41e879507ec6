//! A log of a shop that does not exist, as long as wanted: people who look around and programs
//! that do what bots do. For what is measured and for what a server is built by, not for judging
//! how good the judgement is.

use std::io::{self, BufWriter, Write};
use std::net::Ipv4Addr;

use time::OffsetDateTime;

use crate::load::{PATHS, Random, USER_AGENTS};

/// Requests of a day: ten million are four days of a busy shop.
const A_DAY: u64 = 2_500_000;

const DAY_MS: u64 = 86_400_000;

/// 2026-03-01T00:00:00Z.
const START_MS: u64 = 1_772_323_200_000;

/// Visits that go on at a time. A visit asks every half minute or so.
const VISITS: usize = 900;

/// Addresses that people come from.
const ADDRESSES: u64 = 2_000_000;

/// One in so many requests is a bot's.
const BOTS_SHARE: u64 = 25;

/// Bots at work at a time.
const BOTS: usize = 4;

/// Requests of a bot before another one comes in its place.
const OF_A_BOT: u64 = 4_000;

/// How a log is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    /// As nginx and Apache do unless told otherwise.
    Combined,
    /// As nginx does to JSON.
    Json,
    /// As IIS does.
    W3c,
    /// As AWS's load balancers do.
    Alb,
}

/// A log that goes on from part to part, the same each time.
pub(crate) struct ShopLog {
    form: Form,
    random: Random,
    /// Requests written so far.
    written: u64,
    /// People's ways through the shop.
    visits: Vec<Turn>,
    /// Programs at work, a kind each.
    bots: [Turn; BOTS],
}

/// A place in the traffic that one after another has.
#[derive(Clone, Copy, Default)]
struct Turn {
    /// Whose it is.
    address: u64,
    /// Requests that are still to come.
    left: u64,
}

impl ShopLog {
    pub(crate) fn new(form: Form) -> Self {
        Self {
            form,
            random: Random(1),
            written: 0,
            visits: vec![Turn::default(); VISITS],
            bots: [Turn::default(); BOTS],
        }
    }

    /// Writes the next requests, in order of time.
    pub(crate) fn write(&mut self, requests: u64, to: impl Write) -> io::Result<()> {
        let mut to = BufWriter::new(to);
        if self.form == Form::W3c && self.written == 0 {
            writeln!(
                to,
                "#Software: Microsoft Internet Information Services 10.0"
            )?;
            writeln!(to, "#Fields: {W3C_FIELDS}")?;
        }
        for _ in 0..requests {
            let at = START_MS + self.written * DAY_MS / A_DAY;
            self.written += 1;
            match self.random.below(BOTS_SHARE) {
                0 => self.write_bot(at, &mut to)?,
                _ => self.write_visit(at, &mut to)?,
            }
        }
        to.flush()
    }

    fn write_visit(&mut self, at: u64, to: &mut impl Write) -> io::Result<()> {
        let random = &mut self.random;
        let visit = &mut self.visits[random.below(VISITS as u64) as usize];
        if visit.left == 0 {
            visit.address = random.below(ADDRESSES);
            visit.left = 2 + random.below(36);
        }
        visit.left -= 1;
        let path = PATHS[random.below(PATHS.len() as u64) as usize];
        let request = Request {
            at,
            network: 10 << 24,
            address: visit.address,
            method: "GET",
            path: path.replace('#', &random.below(5_000).to_string()),
            status: [200, 200, 200, 200, 304, 302, 200, 200][random.below(8) as usize],
            bytes: random.below(40_000),
            agent: USER_AGENTS[(visit.address % 5) as usize],
        };
        request.write(self.form, to)
    }

    /// One guesses passwords, one looks for what is not for everybody, one copies the catalogue,
    /// one repeats an expensive search.
    fn write_bot(&mut self, at: u64, to: &mut impl Write) -> io::Result<()> {
        let kind = self.random.below(BOTS as u64) as usize;
        let bot = &mut self.bots[kind];
        if bot.left == 0 {
            bot.address += 1;
            bot.left = OF_A_BOT;
        }
        bot.left -= 1;
        let number = bot.left;
        let (method, path, status, agent) = match kind {
            0 => ("POST", "/login".to_owned(), 401, "python-requests/2.32.3"),
            1 => ("GET", format!("/.git/objects/{number}"), 404, "curl/8.5.0"),
            2 => ("GET", format!("/products/{number}"), 200, "Scrapy/2.11"),
            _ => (
                "GET",
                format!("/search?q=word{}", number % 7),
                200,
                "okhttp/4.12.0",
            ),
        };
        let request = Request {
            at,
            network: (198 << 24) | (18 << 16) | ((kind as u64) << 14),
            address: bot.address,
            method,
            path,
            status,
            bytes: 512,
            agent,
        };
        request.write(self.form, to)
    }
}

/// One request of the log.
struct Request {
    at: u64,
    network: u64,
    /// Within the network.
    address: u64,
    method: &'static str,
    path: String,
    status: u16,
    bytes: u64,
    agent: &'static str,
}

/// What a line of IIS says.
const W3C_FIELDS: &str = "date time cs-method cs-uri-stem cs-uri-query c-ip cs(User-Agent) \
     cs(Referer) sc-status sc-bytes time-taken";

impl Request {
    fn write(&self, form: Form, to: &mut impl Write) -> io::Result<()> {
        let address = Ipv4Addr::from((self.network + self.address) as u32);
        let Self {
            at,
            method,
            path,
            status,
            bytes,
            agent,
            ..
        } = self;
        let time = OffsetDateTime::from_unix_timestamp_nanos(i128::from(*at) * 1_000_000);
        let time = time.map_err(io::Error::other)?;
        let (year, month, day) = (time.year(), u8::from(time.month()), time.day());
        let (hour, minute, second) = time.to_hms();
        match form {
            Form::Combined => writeln!(
                to,
                "{address} - - [{day:02}/{}/{year}:{hour:02}:{minute:02}:{second:02} +0000] \
                 \"{method} {path} HTTP/1.1\" {status} {bytes} \"https://shop.example/\" \
                 \"{agent}\"",
                &time.month().to_string()[..3]
            ),
            Form::Json => writeln!(
                to,
                "{{\"time\":{at},\"remote_addr\":\"{address}\",\"host\":\"shop.example\",\
                 \"request_method\":\"{method}\",\"request_uri\":\"{path}\",\
                 \"status\":{status},\"body_bytes_sent\":{bytes},\
                 \"http_user_agent\":\"{agent}\"}}"
            ),
            Form::W3c => {
                let (stem, query) = path.split_once('?').unwrap_or((path, "-"));
                writeln!(
                    to,
                    "{year}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02} {method} {stem} \
                     {query} {address} {} - {status} {bytes} 12",
                    agent.replace(' ', "+")
                )
            }
            Form::Alb => writeln!(
                to,
                "https {year}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{:06}Z \
                 app/shop/50dc6c495c0c9188 {address}:49152 10.0.0.1:80 0.001 0.012 0.000 {status} \
                 {status} 472 {bytes} \"{method} https://shop.example:443{path} HTTP/1.1\" \
                 \"{agent}\" - - - \"-\" \"-\" \"-\" 1 - \"forward\" \"-\" \"-\" \"-\" \"-\" \"-\" \
                 \"-\"",
                at % 1_000 * 1_000
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_log_goes_on_where_a_part_ended_and_is_the_same_each_time() {
        let parts = |sizes: &[u64]| {
            let (mut traffic, mut log) = (ShopLog::new(Form::Json), Vec::new());
            for size in sizes {
                traffic.write(*size, &mut log).unwrap();
            }
            String::from_utf8(log).unwrap()
        };
        let whole = parts(&[3_000]);
        assert_eq!(parts(&[1_000, 2_000]), whole);
        assert_eq!(whole.lines().count(), 3_000);
        assert!(whole.contains(r#""request_uri":"/login","status":401"#));
    }

    #[test]
    fn a_request_is_written_as_servers_write_it() {
        let request = Request {
            at: START_MS + 1_234,
            network: 10 << 24,
            address: 7,
            method: "GET",
            path: "/search?q=word1".into(),
            status: 200,
            bytes: 512,
            agent: "Example/1.0 (a b)",
        };
        let written = |form| {
            let mut line = Vec::new();
            request.write(form, &mut line).unwrap();
            String::from_utf8(line).unwrap()
        };
        assert_eq!(
            written(Form::Combined),
            "10.0.0.7 - - [01/Mar/2026:00:00:01 +0000] \"GET /search?q=word1 HTTP/1.1\" 200 512 \
             \"https://shop.example/\" \"Example/1.0 (a b)\"\n"
        );
        assert_eq!(
            written(Form::W3c),
            "2026-03-01 00:00:01 GET /search q=word1 10.0.0.7 Example/1.0+(a+b) - 200 512 12\n"
        );
        let balanced = written(Form::Alb);
        let begins = "https 2026-03-01T00:00:01.234000Z app/shop/50dc6c495c0c9188 10.0.0.7:49152 ";
        assert!(balanced.starts_with(begins), "{balanced}");
        assert!(balanced.contains("\"GET https://shop.example:443/search?q=word1 HTTP/1.1\""));
    }

    #[test]
    fn the_fields_of_w3c_are_named_once() {
        let (mut log, mut lines) = (ShopLog::new(Form::W3c), Vec::new());
        log.write(3, &mut lines).unwrap();
        log.write(2, &mut lines).unwrap();
        let lines = String::from_utf8(lines).unwrap();
        assert_eq!(lines.matches("#Fields: date time").count(), 1);
        assert_eq!(lines.lines().count(), 2 + 5);
    }
}
