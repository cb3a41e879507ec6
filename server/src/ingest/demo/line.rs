//! A request as a line of a log: JSON, with the names that nginx gives its variables.

use std::fmt::Write;

use time::OffsetDateTime;

use super::script::Request;

/// The line of `request`, without a line break.
pub(super) fn to_line(request: &Request) -> String {
    let mut line = String::with_capacity(480);
    line.push_str("{\"time_iso8601\":\"");
    write_moment(&mut line, request.at);
    let sender = &request.sender;
    let cookie = if sender.session.is_empty() {
        String::new()
    } else {
        format!("sid={}", sender.session)
    };
    for (name, text) in [
        ("remote_addr", sender.address.as_str()),
        ("remote_user", &sender.user),
        ("host", request.host),
        ("request_method", request.method),
        ("request_uri", &request.target),
        ("server_protocol", "HTTP/1.1"),
        ("http_user_agent", &sender.user_agent),
        ("http_referer", &request.referer),
        ("http_cookie", &cookie),
    ] {
        let _infallible = write!(line, "\",\"{name}\":\"");
        write_escaped(&mut line, text);
    }
    let _infallible = write!(
        line,
        "\",\"status\":{},\"body_bytes_sent\":{},\"request_length\":{},\"request_time\":{}.{:03}}}",
        request.status,
        request.bytes,
        request.request_bytes,
        request.time_us / 1_000_000,
        request.time_us / 1_000 % 1_000,
    );
    line
}

fn write_moment(line: &mut String, at: i64) {
    let moment = OffsetDateTime::from_unix_timestamp_nanos(i128::from(at) * 1_000_000)
        .unwrap_or(OffsetDateTime::UNIX_EPOCH);
    let (date, ms) = (moment.date(), moment.millisecond());
    let (hour, minute, second) = moment.to_hms();
    let _infallible = write!(
        line,
        "{}-{:02}-{:02}T{hour:02}:{minute:02}:{second:02}.{ms:03}+00:00",
        date.year(),
        u8::from(date.month()),
        date.day(),
    );
}

fn write_escaped(line: &mut String, text: &str) {
    for character in text.chars() {
        match character {
            '"' | '\\' => {
                line.push('\\');
                line.push(character);
            }
            control if control.is_control() => {
                let _infallible = write!(line, "\\u{:04x}", control as u32);
            }
            plain => line.push(plain),
        }
    }
}
