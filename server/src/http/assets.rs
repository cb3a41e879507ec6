//! The console's files, as `cargo xtask ui` built them into `dist/`. A release binary holds
//! them; a debug binary reads them from there. Knows nothing of the API.

use axum::body::Body;
use axum::http::{HeaderValue, Response, StatusCode, header};
use rust_embed::{EmbeddedFile, RustEmbed};

/// The built console. Its names carry a hash of the content, except those of the two pages.
#[derive(RustEmbed)]
#[folder = "$BOTSCOPE_DIST"]
#[allow_missing = true]
struct Console;

/// The page that starts the explorer; every address that is not below `/settings` answers with it.
const EXPLORER: &str = "index.html";

/// The page that starts the settings.
const SETTINGS: &str = "settings.html";

/// Said in place of the console where the binary was built without one.
const NO_CONSOLE: &str = "<!doctype html>\n<html lang=\"en\"><meta charset=\"utf-8\">\
     <title>Botscope</title>\n<h1>This build has no console</h1>\n\
     <p>The API works. To build the console, run <code>cargo xtask run</code>, or \
     <code>cargo xtask ui</code> and build the server again.</p></html>\n";

/// Answers a path outside the API: a file of the console where there is one of that name, else
/// the page that starts the console's program for it, which shows whatever the path stands for.
pub(crate) fn serve(path: &str, accept_encoding: Option<&str>) -> Response<Body> {
    let name = path.trim_start_matches('/');
    if is_plain_name(name) && ![EXPLORER, SETTINGS].contains(&name) && !name.ends_with(".br") {
        if let Some(response) = file(name, accept_encoding) {
            return response;
        }
        // A file that is gone (an older console's) is not a page.
        if content_type(name).is_some() {
            return answer(
                StatusCode::NOT_FOUND,
                "text/plain; charset=utf-8",
                "not found\n",
            );
        }
    }
    let mut response = file(page(name), accept_encoding)
        .unwrap_or_else(|| answer(StatusCode::OK, "text/html; charset=utf-8", NO_CONSOLE));
    let headers = response.headers_mut();
    // Nobody comes back to it by the browser's button once they have signed out.
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

/// Whether a path is one of a file of the console, of this or of an older one. Files are for
/// everybody: there is nothing in them that a copy of this program has not.
pub(crate) fn is_file(path: &str) -> bool {
    let name = path.trim_start_matches('/');
    is_plain_name(name) && ![EXPLORER, SETTINGS].contains(&name) && content_type(name).is_some()
}

/// The console's style sheet, by its name here; `None` where the binary was built without one.
pub(crate) fn style_sheet() -> Option<String> {
    let is_sheet = |name: &str| name.starts_with("main-") && name.ends_with(".css");
    let name = Console::iter().find(|name| is_sheet(name));
    name.map(std::borrow::Cow::into_owned)
}

/// The page that starts the program to which a path belongs.
fn page(name: &str) -> &'static str {
    match name.strip_prefix("settings") {
        Some(below) if below.is_empty() || below.starts_with('/') => SETTINGS,
        _ => EXPLORER,
    }
}

/// The file of that name, as its brotli twin where there is one and the client takes it.
fn file(name: &str, accept_encoding: Option<&str>) -> Option<Response<Body>> {
    let content_type = content_type(name)?;
    let twin = Console::get(&format!("{name}.br"));
    let has_twin = twin.is_some();
    let compressed = twin.filter(|_| accept_encoding.is_some_and(accepts_brotli));
    let is_compressed = compressed.is_some();
    let EmbeddedFile { data, .. } = compressed.or_else(|| Console::get(name))?;

    let body = match data {
        std::borrow::Cow::Borrowed(bytes) => Body::from(bytes),
        std::borrow::Cow::Owned(bytes) => Body::from(bytes),
    };
    let mut response = answer(StatusCode::OK, content_type, body);
    let headers = response.headers_mut();
    headers.insert(
        header::CACHE_CONTROL,
        HeaderValue::from_static("public, max-age=31536000, immutable"),
    );
    if has_twin {
        headers.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    }
    if is_compressed {
        headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static("br"));
    }
    Some(response)
}

fn answer(status: StatusCode, content_type: &'static str, body: impl Into<Body>) -> Response<Body> {
    let mut response = Response::new(body.into());
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
    response
}

/// `dist/` has no folders; anything but a plain name is no file of it.
fn is_plain_name(name: &str) -> bool {
    !name.is_empty()
        && !name.starts_with('.')
        && name
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_'))
}

/// The type of a file of the console by its name; `None` for what is no such file.
fn content_type(name: &str) -> Option<&'static str> {
    let (_, extension) = name.rsplit_once('.')?;
    Some(match extension {
        "css" => "text/css; charset=utf-8",
        "html" => "text/html; charset=utf-8",
        "js" => "text/javascript; charset=utf-8",
        "svg" => "image/svg+xml",
        "wasm" => "application/wasm",
        "woff2" => "font/woff2",
        _ => return None,
    })
}

/// Whether an `Accept-Encoding` header allows brotli.
fn accepts_brotli(accept_encoding: &str) -> bool {
    accept_encoding.split(',').any(|coding| {
        let (name, weight) = coding.split_once(';').unwrap_or((coding, ""));
        let is_refused = weight
            .trim()
            .strip_prefix("q=")
            .is_some_and(|weight| weight.parse::<f32>().is_ok_and(|weight| weight <= 0.0));
        name.trim().eq_ignore_ascii_case("br") && !is_refused
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn brotli_is_sent_only_to_whom_it_is_not_refused() {
        assert!(accepts_brotli("gzip, deflate, br"));
        assert!(accepts_brotli("BR;q=0.5"));
        assert!(!accepts_brotli("gzip, br;q=0"));
        assert!(!accepts_brotli("brotli"));
    }

    #[test]
    fn any_address_of_the_console_answers_with_the_page() {
        for path in [
            "/",
            "/attacks",
            "/sessions/12",
            "/../Cargo.toml",
            "/.hidden",
            "/attacks/1.2",
        ] {
            let response = serve(path, None);
            assert_eq!(response.status(), StatusCode::OK, "{path}");
            assert_eq!(
                response.headers()["content-type"],
                "text/html; charset=utf-8"
            );
            assert_eq!(response.headers()["cache-control"], "no-store");
        }
    }

    #[test]
    fn what_is_below_settings_is_a_program_of_its_own() {
        for path in ["settings", "settings/", "settings/applications/12"] {
            assert_eq!(page(path), SETTINGS, "{path}");
        }
        for path in ["", "attacks", "settingsx", "sessions/settings"] {
            assert_eq!(page(path), EXPLORER, "{path}");
        }
    }

    #[test]
    fn a_file_that_is_gone_is_not_found_rather_than_a_page() {
        let response = serve("/app-0000000000000000.js", Some("br"));
        assert_eq!(response.status(), StatusCode::NOT_FOUND);
    }
}
