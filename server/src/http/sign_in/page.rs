//! How the pages look, and what their answers tell the browser. All that is shown is text: what
//! somebody typed can be no markup.

use std::fmt::Write;

use axum::response::{Html, IntoResponse, Response};
use http::{HeaderValue, StatusCode, header};

use crate::http::assets;

/// No script at all, and forms that go nowhere else.
const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; style-src 'self'; font-src 'self'; \
     img-src 'self' data:; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

/// The sign of the console, as a picture.
const ICON: &str = "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 28 28'%3E%3Crect width='28' height='28' rx='6' fill='%230a0f1c'/%3E%3Ccircle cx='14' cy='14' r='8.5' fill='none' stroke='%239db4cc' stroke-width='1.6'/%3E%3Ccircle cx='17.2' cy='10.8' r='3.4' fill='%23d9542b'/%3E%3C/svg%3E";

/// A field of a form.
#[derive(Default)]
pub(super) struct Field {
    pub(super) name: &'static str,
    pub(super) label: &'static str,
    /// Its type in HTML.
    pub(super) kind: &'static str,
    /// What a password manager puts here.
    pub(super) autocomplete: &'static str,
    pub(super) hint: Option<&'static str>,
    /// What was typed.
    pub(super) value: String,
    /// Whether it is shown and not asked.
    pub(super) is_fixed: bool,
    /// What is wrong with it.
    pub(super) fault: Option<String>,
}

/// A page that is being written.
pub(super) struct Page {
    title: &'static str,
    has_fault: bool,
    body: String,
}

impl Page {
    pub(super) fn new(title: &'static str) -> Self {
        Self {
            title,
            has_fault: false,
            body: String::new(),
        }
    }

    /// A paragraph.
    pub(super) fn text(mut self, text: &str) -> Self {
        let text = escape(text);
        self.push(format_args!("<p class=\"door__text\">{text}</p>\n"));
        self
    }

    /// A command to copy.
    pub(super) fn command(mut self, text: &str) -> Self {
        let text = escape(text);
        self.push(format_args!(
            "<p class=\"door__text\"><code class=\"door__command\">{text}</code></p>\n"
        ));
        self
    }

    /// Something good that just happened.
    pub(super) fn notice(mut self, text: &str) -> Self {
        let text = escape(text);
        self.push(format_args!(
            "<p class=\"door__notice\" role=\"status\">{text}</p>\n"
        ));
        self
    }

    /// What is wrong with the whole.
    pub(super) fn alert(mut self, text: &str) -> Self {
        let text = escape(text);
        let before = std::mem::take(&mut self.body);
        self.has_fault = true;
        self.push(format_args!(
            "<p class=\"door__alert\" role=\"alert\">{text}</p>\n{before}"
        ));
        self
    }

    /// A link that is as good as the button of a form.
    pub(super) fn way(mut self, text: &str, to: &str) -> Self {
        let (text, to) = (escape(text), escape(to));
        self.push(format_args!(
            "<p class=\"door__text\"><a class=\"button door__button\" href=\"{to}\">{text}</a></p>\n"
        ));
        self
    }

    /// A link below everything.
    pub(super) fn link(mut self, text: &str, to: &str) -> Self {
        let (text, to) = (escape(text), escape(to));
        self.push(format_args!(
            "<p class=\"door__more\"><a href=\"{to}\">{text}</a></p>\n"
        ));
        self
    }

    /// A form that is sent to where the page is. The first field with a fault has the focus, or
    /// the first that asks for something.
    pub(super) fn form(mut self, fields: &[Field], hidden: &[(&str, &str)], button: &str) -> Self {
        let focus = fields
            .iter()
            .position(|field| field.fault.is_some())
            .or_else(|| {
                let asks = |field: &Field| !field.is_fixed && field.value.is_empty();
                fields.iter().position(asks)
            });
        self.has_fault |= fields.iter().any(|field| field.fault.is_some());
        self.body
            .push_str("<form class=\"door__form\" method=\"post\" novalidate>\n");
        for (name, value) in hidden {
            let value = escape(value);
            self.push(format_args!(
                "<input type=\"hidden\" name=\"{name}\" value=\"{value}\">\n"
            ));
        }
        for (at, field) in fields.iter().enumerate() {
            self.field(field, focus == Some(at));
        }
        let button = escape(button);
        self.push(format_args!(
            "<button class=\"button button--primary door__button\" type=\"submit\">{button}</button>\n</form>\n"
        ));
        self
    }

    fn field(&mut self, field: &Field, has_focus: bool) {
        let Field {
            name,
            label,
            kind,
            autocomplete,
            ..
        } = field;
        let value = escape(&field.value);
        let mut described = Vec::new();
        if field.fault.is_some() {
            described.push(format!("{name}-fault"));
        }
        if field.hint.is_some() {
            described.push(format!("{name}-hint"));
        }
        let mut attributes = String::new();
        if !described.is_empty() {
            let described = described.join(" ");
            let _ = write!(attributes, " aria-describedby=\"{described}\"");
        }
        if field.fault.is_some() {
            attributes.push_str(" aria-invalid=\"true\"");
        }
        if field.is_fixed {
            attributes.push_str(" readonly");
        } else {
            attributes.push_str(" required");
        }
        if has_focus {
            attributes.push_str(" autofocus");
        }
        if *autocomplete == "one-time-code" {
            attributes.push_str(" spellcheck=\"false\" autocapitalize=\"none\"");
        }
        self.push(format_args!(
            "<div class=\"form-field\">\n<label class=\"form-field__label\" for=\"{name}\">{label}</label>\n\
             <input class=\"form-field__input\" id=\"{name}\" name=\"{name}\" type=\"{kind}\" \
             autocomplete=\"{autocomplete}\" value=\"{value}\" maxlength=\"300\"{attributes}>\n"
        ));
        if let Some(fault) = &field.fault {
            let fault = escape(&sentence(fault));
            self.push(format_args!(
                "<p class=\"door__fault\" id=\"{name}-fault\">{fault}</p>\n"
            ));
        }
        if let Some(hint) = field.hint {
            let hint = escape(hint);
            self.push(format_args!(
                "<p class=\"door__hint\" id=\"{name}-hint\">{hint}</p>\n"
            ));
        }
        self.body.push_str("</div>\n");
    }

    fn push(&mut self, text: std::fmt::Arguments<'_>) {
        self.body.write_fmt(text).expect("a text takes everything");
    }

    /// The answer. A page with a fault is no success, so that no password manager keeps what was
    /// typed.
    pub(super) fn answer(self, status: StatusCode) -> Response {
        let title = self.title;
        let fault = if self.has_fault { "Error: " } else { "" };
        let style = assets::style_sheet()
            .map(|name| format!("<link rel=\"stylesheet\" href=\"/{name}\">\n"))
            .unwrap_or_default();
        let body = self.body;
        let html = format!(
            "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
             <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
             <meta name=\"color-scheme\" content=\"light dark\">\n\
             <title>{fault}{title} · Botscope</title>\n<link rel=\"icon\" href=\"{ICON}\">\n{style}\
             </head>\n<body class=\"door\">\n<main class=\"door__card\">\n\
             <p class=\"door__brand\"><img class=\"door__sign\" src=\"{ICON}\" alt=\"\" width=\"28\" \
             height=\"28\">Botscope</p>\n<h1 class=\"door__title\">{title}</h1>\n{body}</main>\n\
             </body>\n</html>\n"
        );
        let mut response = (status, Html(html)).into_response();
        let headers = response.headers_mut();
        let mut set = |name, value| headers.insert(name, HeaderValue::from_static(value));
        set(header::CONTENT_SECURITY_POLICY, CONTENT_SECURITY_POLICY);
        set(header::CACHE_CONTROL, "no-store");
        // With `no-referrer` a browser would not say either whose form it sends.
        set(header::REFERRER_POLICY, "same-origin");
        response
    }
}

/// A message of the API, as a sentence.
fn sentence(text: &str) -> String {
    let mut letters = text.chars();
    let first = letters.next().map(char::to_uppercase);
    let sentence: String = first.into_iter().flatten().chain(letters).collect();
    let is_ended = sentence.ends_with(['.', '?', '!']);
    if is_ended { sentence } else { sentence + "." }
}

fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            letter => escaped.push(letter),
        }
    }
    escaped
}
