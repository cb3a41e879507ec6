//! The rules behind [`super::tags`]: names of path segments, as facts. Segments are compared
//! as words, so that `sign-in`, `sign_in`, `signIn` and `signin.php` are one name, and
//! `/blog/how-i-sign-in-to-my-bank` is none.

use super::StaticKind;

/// How many segments are looked at, from the front. Deeper ones name things, not functions.
const MAX_SEGMENTS: usize = 12;

/// A longer segment is a text, not a name.
const MAX_NAME: usize = 48;

/// A path, taken apart into lower-case names.
pub(super) struct Path<'a> {
    /// The segments as they are, without path parameters.
    raw: Vec<&'a str>,
    names: Vec<Name>,
}

/// One segment.
struct Name {
    /// Lower case, with its marks and extension: `wp-login.php`.
    full: String,
    /// Letters and digits only, without extension: `wplogin`.
    joined: String,
    /// The words that `joined` was made of.
    words: Vec<String>,
}

impl Name {
    fn parse(segment: &str) -> Self {
        let stem = without_page_extension(segment);
        let mut words: Vec<String> = Vec::new();
        let mut previous = '-';
        for character in stem.chars() {
            if character.is_ascii_alphanumeric() {
                let begins = !previous.is_ascii_alphanumeric()
                    || (character.is_ascii_uppercase() && previous.is_ascii_lowercase());
                if begins {
                    words.push(String::new());
                }
                if let Some(word) = words.last_mut() {
                    word.push(character.to_ascii_lowercase());
                }
            }
            previous = character;
        }
        Self {
            full: segment.to_ascii_lowercase(),
            joined: words.concat(),
            words,
        }
    }

    fn is_any(&self, names: &[&str]) -> bool {
        names.contains(&self.joined.as_str())
    }

    /// Whether one of `names` is among the words, and the others only say which one or how.
    fn is_about(&self, names: &[&str]) -> bool {
        self.words.len() <= 4
            && self.words.iter().any(|word| names.contains(&word.as_str()))
            && self
                .words
                .iter()
                .all(|word| names.contains(&word.as_str()) || COMPANIONS.contains(&word.as_str()))
    }
}

/// Endings of pages and programs, which say nothing of what they do.
fn without_page_extension(segment: &str) -> &str {
    const PAGES: [&str; 14] = [
        "php", "html", "htm", "aspx", "asp", "ashx", "asmx", "jsp", "jsf", "do", "action", "cgi",
        "pl", "json",
    ];
    match segment.rsplit_once('.') {
        Some((stem, extension)) if PAGES.iter().any(|p| p.eq_ignore_ascii_case(extension)) => stem,
        _ => segment,
    }
}

/// Words that stand beside the one that matters: `user-login-form`, `api_login`, `doLogin`.
const COMPANIONS: &[&str] = &[
    "a",
    "account",
    "action",
    "admin",
    "ajax",
    "api",
    "app",
    "auth",
    "check",
    "client",
    "confirm",
    "controller",
    "create",
    "customer",
    "do",
    "email",
    "endpoint",
    "external",
    "form",
    "front",
    "guest",
    "handler",
    "index",
    "init",
    "internal",
    "member",
    "mobile",
    "my",
    "new",
    "page",
    "password",
    "portal",
    "post",
    "process",
    "public",
    "request",
    "rest",
    "service",
    "shop",
    "site",
    "start",
    "submit",
    "url",
    "user",
    "users",
    "v1",
    "v2",
    "v3",
    "validate",
    "verify",
    "view",
    "web",
    "wp",
];

/// Where one signs in.
const SIGN_IN: &[&str] = &[
    "login",
    "logon",
    "signin",
    "signon",
    "logincheck",
    "checklogin",
    "dologin",
    "loginaction",
    "authenticate",
    "jsecuritycheck",
    "jspringsecuritycheck",
    "wplogin",
    "weblogin",
    "userlogin",
    "adminlogin",
    "loginpage",
    "loginform",
    "loginprocess",
    "processlogin",
    "loginsubmit",
    "apitokenauth",
    "tokenauth",
    "obtaintoken",
    "basicauth",
    "verifyotp",
    "otpverify",
    "mfa",
    "2fa",
    "twofactor",
    "twofactorauth",
    "twofactorchallenge",
    "otp",
    "totp",
    "sso",
    "saml",
    "saml2",
    "oauth",
    "oauth2",
    "openid",
    "oidc",
    "authorize",
    "auth",
    "authentication",
    "adfs",
    "einloggen",
    "anmelden",
    "connexion",
    "iniciarsesion",
    "entrar",
    "accedi",
    "logowanie",
];

/// Words for signing in, among companions.
const SIGN_IN_WORDS: &[&str] = &["login", "logon", "signin", "signon", "authenticate"];

/// Where a password is set or asked for.
const PASSWORD: &[&str] = &[
    "forgotpassword",
    "passwordforgot",
    "lostpassword",
    "passwordlost",
    "resetpassword",
    "passwordreset",
    "changepassword",
    "passwordchange",
    "updatepassword",
    "setpassword",
    "recoverpassword",
    "passwordrecovery",
    "passwordrecover",
    "password",
    "passwords",
    "passwd",
    "forgot",
    "newpassword",
    "accountrecovery",
];

/// Where an account is made.
const SIGN_UP: &[&str] = &[
    "signup",
    "register",
    "registration",
    "registrations",
    "createaccount",
    "accountcreate",
    "newaccount",
    "wpsignup",
    "inscription",
    "registrieren",
    "join",
];

/// Where one signs out.
const SIGN_OUT: &[&str] = &["logout", "logoff", "signout", "signoff"];

/// Words of which two or more together mean a token or a session, depending on the method.
const TOKENS: &[&str] = &["token", "tokens", "accesstoken", "refreshtoken", "jwt"];

/// Resources that are created by signing in.
const SESSIONS: &[&str] = &["session", "sessions"];

/// Parents that make `token` or `session` one of authentication.
const TOKEN_PARENTS: &[&str] = &[
    "api",
    "auth",
    "authentication",
    "connect",
    "identity",
    "oauth",
    "oauth2",
    "openid",
    "user",
    "users",
    "account",
    "accounts",
    "rest",
    "v1",
    "v2",
    "v3",
    "jwtauth",
    "protocol",
];

/// Administration and what is not for visitors, by name of a segment.
const SENSITIVE: &[&str] = &[
    "admin",
    "administrator",
    "administration",
    "adminpanel",
    "adminarea",
    "admincp",
    "modcp",
    "adminconsole",
    "backoffice",
    "backend",
    "controlpanel",
    "cpanel",
    "whm",
    "webmin",
    "plesk",
    "wpadmin",
    "siteadmin",
    "useradmin",
    "phpmyadmin",
    "pma",
    "myadmin",
    "mysqladmin",
    "adminer",
    "phppgadmin",
    "pgadmin",
    "dbadmin",
    "sqladmin",
    "hostmanager",
    "serverstatus",
    "serverinfo",
    "jmxconsole",
    "webconsole",
    "jolokia",
    "actuator",
    "heapdump",
    "threaddump",
    "phpinfo",
    "phpconsole",
    "h2console",
    "debugbar",
    "profiler",
    "horizon",
    "telescope",
    "elmah",
    "trace",
    "backup",
    "backups",
    "bak",
    "dump",
    "dumps",
    "database",
    "sqldump",
    "config",
    "configuration",
    "wpconfig",
    "settings",
    "secrets",
    "credentials",
    "apikeys",
    "accesskeys",
    "keystore",
    "internal",
    "management",
    "superuser",
    "root",
    "impersonate",
    "audit",
    "permissions",
];

/// Endings of files that hold configuration, keys or copies.
const SENSITIVE_EXTENSIONS: &[&str] = &[
    "bak", "backup", "old", "orig", "save", "swp", "sql", "sqlite", "db", "mdb", "dump", "env",
    "ini", "conf", "cfg", "pem", "key", "p12", "pfx", "jks", "kdbx", "log", "yml", "yaml", "inc",
];

/// Money, orders, accounts.
const BUSINESS: &[&str] = &[
    "checkout",
    "cart",
    "basket",
    "trolley",
    "payment",
    "payments",
    "pay",
    "paypal",
    "stripe",
    "order",
    "orders",
    "purchase",
    "purchases",
    "buy",
    "transfer",
    "transfers",
    "withdraw",
    "withdrawal",
    "withdrawals",
    "deposit",
    "deposits",
    "payout",
    "payouts",
    "account",
    "accounts",
    "myaccount",
    "billing",
    "invoice",
    "invoices",
    "subscription",
    "subscriptions",
    "coupon",
    "coupons",
    "voucher",
    "vouchers",
    "giftcard",
    "giftcards",
    "redeem",
    "promo",
    "promocode",
    "discount",
    "booking",
    "bookings",
    "reservation",
    "reservations",
    "reserve",
    "wallet",
    "balance",
    "refund",
    "refunds",
    "loan",
    "loans",
    "trade",
    "trades",
    "bid",
    "bids",
    "addtocart",
    "placeorder",
    "shoppingcart",
    "warenkorb",
    "kasse",
    "bestellung",
    "panier",
    "commande",
    "carrito",
    "pedido",
    "pedidos",
    "creditcard",
    "creditcards",
    "beneficiary",
    "beneficiaries",
];

/// Words for money, among companions.
const BUSINESS_WORDS: &[&str] = &[
    "checkout", "cart", "payment", "order", "coupon", "voucher", "booking", "refund", "transfer",
    "invoice",
];

/// Last segments that ask whether the service lives.
const HEALTH: &[&str] = &[
    "health",
    "healthz",
    "healthcheck",
    "healthchecks",
    "livez",
    "readyz",
    "liveness",
    "readiness",
    "live",
    "ready",
    "alive",
    "ping",
    "heartbeat",
    "lbheartbeat",
    "up",
    "uptime",
    "stubstatus",
    "nginxstatus",
    "statusz",
    "healthstatus",
];

impl<'a> Path<'a> {
    pub(super) fn parse(path: &'a str) -> Self {
        let raw: Vec<&str> = path
            .split(['?', '#'])
            .next()
            .unwrap_or_default()
            .split('/')
            .map(|segment| segment.split(';').next().unwrap_or_default())
            .filter(|segment| !segment.is_empty())
            .take(MAX_SEGMENTS)
            .collect();
        let names = raw
            .iter()
            .filter(|segment| segment.len() <= MAX_NAME)
            .map(|segment| Name::parse(segment))
            .collect();
        Self { raw, names }
    }

    pub(super) fn is_static(&self) -> bool {
        let Some(last) = self.raw.last() else {
            return false;
        };
        StaticKind::of_template(last).is_some() || StaticKind::of_file(last.as_bytes()).is_some()
    }

    pub(super) fn is_health_check(&self) -> bool {
        // Deep paths are content: `/blog/2015/ping`.
        self.raw.len() <= 3
            && self.names.last().is_some_and(|last| {
                last.is_any(HEALTH)
                    || (self.raw.len() == 1 && last.joined == "status" && last.words.len() == 1)
            })
    }

    pub(super) fn is_sensitive(&self) -> bool {
        // These two of WordPress' admin folder serve every visitor.
        let serves_visitors = self
            .names
            .last()
            .is_some_and(|last| matches!(&*last.full, "admin-ajax.php" | "admin-post.php"));
        if serves_visitors {
            return false;
        }
        if self
            .names
            .iter()
            .any(|name| name.is_any(SENSITIVE) || is_hidden(&name.full))
        {
            return true;
        }
        let pairs = self.names.windows(2);
        let is_tomcat_manager = pairs.clone().any(|pair| {
            pair[0].joined == "manager" && matches!(&*pair[1].joined, "html" | "text" | "status")
        });
        let is_configuration = self.names.last().is_some_and(|last| {
            last.full
                .rsplit_once('.')
                .is_some_and(|(_, extension)| SENSITIVE_EXTENSIONS.contains(&extension))
                || last.full.ends_with('~')
                || matches!(
                    &*last.full,
                    "web.config" | "appsettings.json" | "composer.lock"
                )
                || last.full.starts_with("wp-config")
        });
        is_tomcat_manager || is_configuration
    }

    /// `reads`: the method asks and does not send.
    pub(super) fn is_authentication(&self, reads: bool) -> bool {
        let signs = |name: &Name| {
            name.is_any(SIGN_IN)
                || name.is_any(PASSWORD)
                || name.is_any(SIGN_UP)
                || name.is_any(SIGN_OUT)
                || name.is_about(SIGN_IN_WORDS)
        };
        self.names.iter().any(signs) || self.is_token() || (!reads && self.takes_posts_only())
    }

    pub(super) fn takes_credentials(&self) -> bool {
        let leads_elsewhere = self
            .names
            .last()
            .is_some_and(|last| last.is_any(SIGN_OUT) || last.is_any(SIGN_UP));
        let signs_in = |name: &Name| {
            name.is_any(SIGN_IN) || name.is_any(PASSWORD) || name.is_about(SIGN_IN_WORDS)
        };
        !leads_elsewhere
            && (self.names.iter().any(signs_in) || self.is_token() || self.takes_posts_only())
    }

    /// `/oauth/token`, `/api/v1/tokens`: what `token` means depends on its parent.
    fn is_token(&self) -> bool {
        self.names
            .windows(2)
            .any(|pair| pair[1].is_any(TOKENS) && pair[0].is_any(TOKEN_PARENTS))
    }

    /// Endpoints that sign in when sent to and are something else when read.
    fn takes_posts_only(&self) -> bool {
        let Some(last) = self.names.last() else {
            return false;
        };
        let is_joomla = self.names.len() == 2
            && self.names[0].joined == "administrator"
            && last.joined == "index";
        let is_session = last.is_any(SESSIONS) && self.names.len() <= 4;
        is_joomla || is_session || last.full == "xmlrpc.php"
    }

    pub(super) fn is_business_critical(&self) -> bool {
        self.names
            .iter()
            .any(|name| name.is_any(BUSINESS) || name.is_about(BUSINESS_WORDS))
    }
}

/// `.env`, `.git`, `.htaccess`: files that a server should not show. Not `.well-known`.
fn is_hidden(full: &str) -> bool {
    full.len() > 1 && full.starts_with('.') && full != ".." && full != ".well-known"
}
