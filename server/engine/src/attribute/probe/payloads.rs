//! Payloads, as words: what stands in parameters, paths and headers of attacks. All lower
//! case, decoded; each holds a mark that names and numbers do not.

use super::Probe;
use super::ProbeKind::{
    CodeInjection, CrossSiteScripting, KnownExploit, PathTraversal, RequestForgery, SqlInjection,
    TemplateInjection,
};

const fn sure(
    word: &'static str,
    kind: super::ProbeKind,
    name: &'static str,
) -> (&'static str, Probe) {
    (word, Probe::decisive(kind, name))
}

const fn hint(
    word: &'static str,
    kind: super::ProbeKind,
    name: &'static str,
) -> (&'static str, Probe) {
    (word, Probe::indicative(kind, name))
}

/// Functions of PHP that attackers call, and how the text goes on when they do: who writes
/// about a function leaves its brackets empty.
const CALLS: [&str; 9] = [
    "system(",
    "exec(",
    "shell_exec(",
    "passthru(",
    "eval(",
    "assert(",
    "popen(",
    "base64_decode(",
    "create_function(",
];
const ARGUMENTS: [&str; 9] = [
    "'*",
    "\"*",
    "$*",
    "@$*",
    "chr(*",
    "base64_decode(*",
    "gzinflate(*",
    "hex2bin(*",
    "str_rot13(*",
];

/// How `UNION SELECT` and `BENCHMARK(` go on in an attack.
const SELECTED: [&str; 20] = [
    "0*",
    "1*",
    "2*",
    "3*",
    "4*",
    "5*",
    "6*",
    "7*",
    "8*",
    "9*",
    "null",
    "'*",
    "concat*",
    "char(*",
    "unhex(*",
    "group_concat*",
    "@@*",
    "version(*",
    "user(*",
    "* from",
];

/// Commands that fetch what is to be run, and what stands before them when they are slipped
/// in behind another.
const FETCHES: [&str; 5] = ["wget *", "curl *", "fetch *", "tftp *", "lwp-download *"];
const BEFORE: [&str; 7] = [";", "; ", "|", "| ", "&& ", "$(", "`"];

/// All payloads: the words below, and combinations of those above.
pub(super) fn all() -> impl Iterator<Item = (String, Probe)> {
    let pairs = |firsts: &'static [&str], seconds: &'static [&str], probe: Probe| {
        let join = move |first| seconds.iter().map(move |second| format!("{first}{second}"));
        firsts.iter().flat_map(join).map(move |word| (word, probe))
    };
    let listed = WORDS
        .iter()
        .map(|(word, probe)| ((*word).to_owned(), *probe));
    listed
        .chain(pairs(
            &CALLS,
            &ARGUMENTS,
            Probe::decisive(CodeInjection, "PHP code"),
        ))
        .chain(pairs(
            &["union select "],
            &SELECTED,
            Probe::decisive(SqlInjection, "UNION SELECT"),
        ))
        .chain(pairs(
            &["benchmark("],
            &SELECTED[..10],
            Probe::decisive(SqlInjection, "time delay"),
        ))
        .chain(pairs(
            &BEFORE,
            &FETCHES,
            Probe::decisive(CodeInjection, "shell command"),
        ))
}

const WORDS: &[(&str, Probe)] = &[
    // Expressions that loggers and template engines evaluate.
    sure("${jndi:*", TemplateInjection, "Log4Shell"),
    sure("${${*", TemplateInjection, "Log4Shell"),
    sure("${lower:*", TemplateInjection, "Log4Shell"),
    sure("${upper:*", TemplateInjection, "Log4Shell"),
    sure("${::-*", TemplateInjection, "Log4Shell"),
    sure("${env:*", TemplateInjection, "Log4Shell"),
    sure("{{7*7}}", TemplateInjection, "template expression"),
    sure("${7*7}", TemplateInjection, "template expression"),
    sure("#{7*7}", TemplateInjection, "template expression"),
    sure("<%= 7*7", TemplateInjection, "template expression"),
    sure("${@print(*", TemplateInjection, "template expression"),
    sure("{{constructor.", TemplateInjection, "template expression"),
    sure(
        "freemarker.template.utility.*",
        TemplateInjection,
        "FreeMarker",
    ),
    sure(
        "class.module.classloader*",
        TemplateInjection,
        "Spring4Shell",
    ),
    sure("#_memberaccess*", TemplateInjection, "OGNL"),
    sure("%{(#*", TemplateInjection, "OGNL"),
    sure("@ognl.ognlcontext*", TemplateInjection, "OGNL"),
    sure("redirect:${*", TemplateInjection, "OGNL"),
    sure("java.lang.runtime*", TemplateInjection, "Java expression"),
    sure(
        "java.lang.processbuilder*",
        TemplateInjection,
        "Java expression",
    ),
    sure("getruntime().exec*", TemplateInjection, "Java expression"),
    sure("t(java.lang.*", TemplateInjection, "Java expression"),
    // Commands and code.
    sure("() { *", CodeInjection, "Shellshock"),
    sure("() {:*", CodeInjection, "Shellshock"),
    sure("<?php*", CodeInjection, "PHP code"),
    sure("<?=print*", CodeInjection, "PHP code"),
    sure("php://input", CodeInjection, "PHP wrapper"),
    sure("php://filter", CodeInjection, "PHP wrapper"),
    sure("expect://*", CodeInjection, "PHP wrapper"),
    sure("allow_url_include=*", CodeInjection, "PHP setting"),
    sure("allow_url_include on*", CodeInjection, "PHP setting"),
    sure("-d allow_url_include*", CodeInjection, "PHP setting"),
    sure("auto_prepend_file=*", CodeInjection, "PHP setting"),
    sure("/invokefunction", CodeInjection, "ThinkPHP"),
    sure("think/app/*", CodeInjection, "ThinkPHP"),
    sure("print(md5(*", CodeInjection, "PHP code"),
    sure("die(@md5(*", CodeInjection, "PHP code"),
    sure("${ifs}*", CodeInjection, "shell command"),
    sure("`id`", CodeInjection, "shell command"),
    sure("$(id)", CodeInjection, "shell command"),
    sure("|cat /etc*", CodeInjection, "shell command"),
    sure(";cat /etc*", CodeInjection, "shell command"),
    sure("; cat /etc*", CodeInjection, "shell command"),
    sure("cat /etc/passwd", CodeInjection, "shell command"),
    sure("cd /tmp;*", CodeInjection, "shell command"),
    sure("cd /tmp &&*", CodeInjection, "shell command"),
    sure("=/bin/sh", CodeInjection, "shell command"),
    sure("=/bin/bash", CodeInjection, "shell command"),
    sure(";/bin/sh", CodeInjection, "shell command"),
    sure(";/bin/bash", CodeInjection, "shell command"),
    sure("|/bin/sh", CodeInjection, "shell command"),
    sure("|/bin/bash", CodeInjection, "shell command"),
    sure(" /bin/sh", CodeInjection, "shell command"),
    sure(" /bin/bash", CodeInjection, "shell command"),
    sure("/bin/busybox*", CodeInjection, "shell command"),
    sure("cmd.exe /c*", CodeInjection, "shell command"),
    sure("cmd.exe?/c*", CodeInjection, "shell command"),
    sure("|nslookup *", CodeInjection, "shell command"),
    sure("&nslookup *", CodeInjection, "shell command"),
    // Leaving the folder.
    sure("../etc/passwd", PathTraversal, "/etc/passwd"),
    sure("=/etc/passwd", PathTraversal, "/etc/passwd"),
    sure("=/etc/shadow", PathTraversal, "/etc/shadow"),
    sure("../etc/shadow", PathTraversal, "/etc/shadow"),
    sure("/etc/passwd\0*", PathTraversal, "/etc/passwd"),
    sure("file:///etc/*", PathTraversal, "local file"),
    sure("=/proc/self/*", PathTraversal, "/proc/self"),
    sure("../proc/self/*", PathTraversal, "/proc/self"),
    sure("/windows/win.ini", PathTraversal, "win.ini"),
    sure("../boot.ini", PathTraversal, "boot.ini"),
    sure("c:/boot.ini", PathTraversal, "boot.ini"),
    sure("../wp-config.php", PathTraversal, "wp-config.php"),
    sure("../configuration.php", PathTraversal, "configuration.php"),
    sure("..//..//..//*", PathTraversal, "dot segments"),
    sure("....//....//*", PathTraversal, "dot segments"),
    hint("/etc/passwd", PathTraversal, "/etc/passwd"),
    sure("phpinfo();*", CodeInjection, "PHP code"),
    hint("phpinfo()", CodeInjection, "PHP code"),
    hint("base64_decode(*", CodeInjection, "PHP code"),
    hint("system(*", CodeInjection, "PHP code"),
    hint("eval(*", CodeInjection, "PHP code"),
    hint("assert(*", CodeInjection, "PHP code"),
    sure("file_put_contents(*", CodeInjection, "PHP code"),
    sure(
        "jdatabasedrivermysqli*",
        CodeInjection,
        "Joomla (CVE-2015-8562)",
    ),
    sure(";chmod *", CodeInjection, "shell command"),
    sure("; chmod *", CodeInjection, "shell command"),
    sure(";rm -rf *", CodeInjection, "shell command"),
    sure("; rm -rf *", CodeInjection, "shell command"),
    sure("powershell -e*", CodeInjection, "shell command"),
    sure("../../../../*", PathTraversal, "dot segments"),
    hint("../../*", PathTraversal, "dot segments"),
    hint("=../*", PathTraversal, "dot segments"),
    sure(
        "/dev/cmdb/sslvpn_websession",
        KnownExploit,
        "FortiOS (CVE-2018-13379)",
    ),
    hint("union select", SqlInjection, "UNION SELECT"),
    hint("benchmark(*", SqlInjection, "time delay"),
    hint("gopher://*", RequestForgery, "gopher"),
    hint("dict://*", RequestForgery, "dict"),
    // SQL.
    sure("union all select *", SqlInjection, "UNION SELECT"),
    sure("union/**/*", SqlInjection, "UNION SELECT"),
    sure("/**/select*", SqlInjection, "SQL comment"),
    sure("information_schema.*", SqlInjection, "information_schema"),
    sure("pg_sleep(*", SqlInjection, "time delay"),
    sure("waitfor delay *", SqlInjection, "time delay"),
    sure("select sleep(*", SqlInjection, "time delay"),
    sure("and sleep(*", SqlInjection, "time delay"),
    sure("or sleep(*", SqlInjection, "time delay"),
    sure("select(sleep(*", SqlInjection, "time delay"),
    sure("xor(if(now()*", SqlInjection, "time delay"),
    sure("dbms_pipe.receive_message*", SqlInjection, "time delay"),
    sure("extractvalue(*", SqlInjection, "SQL function"),
    sure("updatexml(*", SqlInjection, "SQL function"),
    sure("load_file(*", SqlInjection, "SQL function"),
    sure("into outfile *", SqlInjection, "SQL function"),
    sure("into dumpfile *", SqlInjection, "SQL function"),
    sure("xp_cmdshell*", SqlInjection, "SQL function"),
    sure("concat(0x*", SqlInjection, "SQL function"),
    sure("group_concat(*", SqlInjection, "SQL function"),
    sure("utl_inaddr.*", SqlInjection, "SQL function"),
    sure("' or '1'='1*", SqlInjection, "always true"),
    sure("' or 1=1*", SqlInjection, "always true"),
    sure("\" or 1=1*", SqlInjection, "always true"),
    sure("' or ''='*", SqlInjection, "always true"),
    sure("or 1=1--*", SqlInjection, "always true"),
    sure("or 1=1 --*", SqlInjection, "always true"),
    sure("or 1=1#*", SqlInjection, "always true"),
    sure("and 1=1--*", SqlInjection, "always true"),
    sure("' and '1'='1*", SqlInjection, "always true"),
    sure("and 1=2 union*", SqlInjection, "always false"),
    hint(" and 1=1", SqlInjection, "always true"),
    hint(" or 1=1", SqlInjection, "always true"),
    hint(" and 1=2", SqlInjection, "always false"),
    hint(",null,null", SqlInjection, "column count"),
    hint("' order by *", SqlInjection, "column count"),
    hint("';--*", SqlInjection, "SQL comment"),
    hint("' --*", SqlInjection, "SQL comment"),
    hint("'--*", SqlInjection, "SQL comment"),
    // Scripts.
    sure("<script>alert*", CrossSiteScripting, "script"),
    sure("<script>prompt*", CrossSiteScripting, "script"),
    sure("<script>confirm*", CrossSiteScripting, "script"),
    sure("<script>document.*", CrossSiteScripting, "script"),
    sure("javascript:alert*", CrossSiteScripting, "script"),
    sure("javascript:prompt*", CrossSiteScripting, "script"),
    sure("onerror=alert*", CrossSiteScripting, "event handler"),
    sure("onerror=prompt*", CrossSiteScripting, "event handler"),
    sure("onload=alert*", CrossSiteScripting, "event handler"),
    sure("onload=prompt*", CrossSiteScripting, "event handler"),
    sure("onmouseover=alert*", CrossSiteScripting, "event handler"),
    sure("onmouseover=prompt*", CrossSiteScripting, "event handler"),
    sure("onfocus=alert*", CrossSiteScripting, "event handler"),
    sure("<svg/onload*", CrossSiteScripting, "event handler"),
    sure("<svg onload*", CrossSiteScripting, "event handler"),
    sure("<img src=x *", CrossSiteScripting, "event handler"),
    sure("=alert(1)*", CrossSiteScripting, "script"),
    // Escaped for HTML, and cut where a query is.
    sure("lt;script*", CrossSiteScripting, "script"),
    sure("<script src*", CrossSiteScripting, "script"),
    hint("<script*", CrossSiteScripting, "script"),
    hint("</script*", CrossSiteScripting, "script"),
    hint("<iframe*", CrossSiteScripting, "frame"),
    hint("onerror=*", CrossSiteScripting, "event handler"),
    hint("alert(*", CrossSiteScripting, "script"),
    hint("prompt(*", CrossSiteScripting, "script"),
    hint("document.cookie", CrossSiteScripting, "script"),
    hint("<img *", CrossSiteScripting, "markup"),
    hint("<svg*", CrossSiteScripting, "markup"),
    hint("<br*", CrossSiteScripting, "markup"),
    hint("<input*", CrossSiteScripting, "markup"),
    hint("<table*", CrossSiteScripting, "markup"),
    hint("<body*", CrossSiteScripting, "markup"),
    hint("<object*", CrossSiteScripting, "markup"),
    hint("<embed*", CrossSiteScripting, "markup"),
    hint("<marquee*", CrossSiteScripting, "markup"),
    hint("javascript:*", CrossSiteScripting, "script"),
    // Addresses of the server's own network.
    sure("//169.254.169.254*", RequestForgery, "cloud metadata"),
    sure("=169.254.169.254*", RequestForgery, "cloud metadata"),
    sure(
        "//metadata.google.internal*",
        RequestForgery,
        "cloud metadata",
    ),
    sure("//100.100.100.200*", RequestForgery, "cloud metadata"),
    hint("=http://127.0.0.1*", RequestForgery, "loopback address"),
    hint("=http://localhost*", RequestForgery, "loopback address"),
    hint("=http://[::1]*", RequestForgery, "loopback address"),
];

/// What no word tells: a value that is a number and a quotation mark.
pub(super) fn by_structure(value: &str) -> Option<Probe> {
    let digits = value.trim_end_matches(['\'', '"']);
    let is_number = !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit());
    (is_number && digits.len() < value.len()).then_some(Probe::indicative(
        SqlInjection,
        "quotation mark after a number",
    ))
}
