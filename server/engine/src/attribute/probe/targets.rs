//! Paths that only scanners ask for, as words, lower case and decoded. A word ends where a
//! name ends: `/.env` is found in `/.env.bak`, not in `/.environment`.

use super::Probe;
use super::ProbeKind::{
    self, Administration, CodeInjection, Enumeration, KnownExploit, PathTraversal, SecretFile,
    WebShell,
};

pub(super) fn all() -> impl Iterator<Item = (&'static str, Probe)> {
    let table = |kind, decisive, rows: &'static [(&'static str, &'static str)]| {
        rows.iter().map(move |(word, name)| {
            let probe = Probe {
                kind,
                decisive,
                name,
            };
            (*word, probe)
        })
    };
    table(SecretFile, true, SECRETS)
        .chain(table(KnownExploit, true, EXPLOITS))
        .chain(table(WebShell, true, SHELLS))
        .chain(table(CodeInjection, true, CODE))
        .chain(table(SecretFile, false, PRIVATE))
        .chain(table(WebShell, false, SHELL_NAMES))
        .chain(table(Administration, false, ADMINISTRATION))
        .chain(table(Enumeration, false, ENUMERATION))
}

/// Whether a found target counts where it stands.
pub(super) fn applies(path: &str, at: usize, target: &Probe) -> bool {
    // Deep inside a path they are names of articles; `/blog/admin/` is not the console.
    match target.kind {
        ProbeKind::Administration => path[..at].matches('/').count() <= 1,
        _ => true,
    }
}

/// Leaving the site's folder by dot segments in the path. Browsers resolve plain ones before
/// they ask, other clients may forget; nobody encodes them by accident.
pub(super) fn traversal(raw: &str, decoded: &str) -> Option<Probe> {
    if decoded.starts_with("/etc/passwd") || decoded.starts_with("//etc/passwd") {
        return Some(Probe::decisive(PathTraversal, "/etc/passwd"));
    }
    if !decoded.contains("..") {
        return None;
    }
    let has_segment = |text: &str, with: &[&str]| with.iter().any(|dots| text.contains(dots));
    if !has_segment(decoded, &["/../", "/..;", "/..\\"]) && !decoded.ends_with("/..") {
        return None;
    }
    if !has_segment(raw, &["/../", "/..;"]) && !raw.ends_with("/..") {
        return Some(Probe::decisive(PathTraversal, "encoded dot segments"));
    }
    if decoded.contains("/..;/") {
        return Some(Probe::decisive(
            PathTraversal,
            "dot segments with parameters",
        ));
    }
    let is_deep = decoded.matches("/..").count() >= 3;
    Some(Probe {
        kind: PathTraversal,
        decisive: is_deep,
        name: "dot segments",
    })
}

const SECRETS: &[(&str, &str)] = &[
    ("/.env", ".env file"),
    ("/.git/*", ".git folder"),
    ("/.git", ".git folder"),
    ("/.gitconfig", ".git folder"),
    ("/.svn/*", ".svn folder"),
    ("/.hg/*", ".hg folder"),
    ("/.bzr/*", ".bzr folder"),
    ("/.aws/*", "cloud credentials"),
    ("/.ssh/*", "SSH keys"),
    ("/id_rsa", "SSH keys"),
    ("/id_dsa", "SSH keys"),
    ("/.htpasswd", ".htpasswd"),
    ("/.bash_history", "shell history"),
    ("/.bashrc", "shell settings"),
    ("/.zsh_history", "shell history"),
    ("/.mysql_history", "shell history"),
    ("/.sh_history", "shell history"),
    ("/.history", "shell history"),
    ("/.profile", "shell settings"),
    ("/.netrc", "passwords"),
    ("/.npmrc", "passwords"),
    ("/.pgpass", "passwords"),
    ("/.my.cnf", "passwords"),
    ("/.dockercfg", "passwords"),
    ("/.docker/*", "passwords"),
    ("/.kube/*", "passwords"),
    ("/.vscode/sftp.json", "passwords"),
    ("/sftp-config.json", "passwords"),
    ("/.ftpconfig", "passwords"),
    ("/.idea/*", "project settings"),
    ("/wp-config.php*", "wp-config.php"),
    ("/.wp-config.php*", "wp-config.php"),
    ("/wp-config.bak", "wp-config.php"),
    ("/wp-config.old", "wp-config.php"),
    ("/wp-config.txt", "wp-config.php"),
    ("/configuration.php.*", "configuration.php"),
    ("/configuration.php~", "configuration.php"),
    ("/config.php.bak", "copy of configuration"),
    ("/settings.php.bak", "copy of configuration"),
    ("/localsettings.php.bak", "copy of configuration"),
    ("/aws/credentials", "cloud credentials"),
    ("/credentials.json", "cloud credentials"),
    ("/database.sql", "database dump"),
    ("/dump.sql", "database dump"),
    ("/backup.sql", "database dump"),
    ("/db.sql", "database dump"),
    ("/web-inf/web.xml", "web.xml"),
    ("/meta-inf/*", "META-INF"),
    ("/proc/self/environ", "/proc/self"),
];

const EXPLOITS: &[(&str, &str)] = &[
    ("/eval-stdin.php", "PHPUnit (CVE-2017-9841)"),
    ("/getphpinfo.php", "ownCloud (CVE-2023-49103)"),
    (
        "/telerik.web.ui.webresource.axd",
        "Telerik UI (CVE-2019-18935)",
    ),
    ("/json/setup-restore.action", "Confluence (CVE-2023-22518)"),
    (
        "/setup/setupadministrator.action",
        "Confluence (CVE-2023-22515)",
    ),
    (
        "/pages/createpage-entervariables.action",
        "Confluence (CVE-2021-26084)",
    ),
    ("/createremoteappwebsession.php", "PAN-OS (CVE-2024-9474)"),
    (
        "/service/extension/backup/mboximport",
        "Zimbra (CVE-2022-37042)",
    ),
    ("/tmui/login.jsp/*", "BIG-IP (CVE-2020-5902)"),
    ("/mgmt/tm/util/bash", "BIG-IP (CVE-2022-1388)"),
    ("/remote/fgt_lang", "FortiOS (CVE-2018-13379)"),
    ("/dana-na/../*", "Pulse Secure (CVE-2019-11510)"),
    ("/dana/html5acc/*", "Pulse Secure (CVE-2019-11510)"),
    (
        "/catalog-portal/ui/oauth/verify",
        "Workspace ONE (CVE-2022-22954)",
    ),
    (
        "/_ignition/execute-solution",
        "Laravel Ignition (CVE-2021-3129)",
    ),
    ("/networkdiag.cgi", "router"),
    ("/setup.cgi", "Netgear router"),
    ("/boaform/*", "router"),
    ("/hnap1", "D-Link router"),
    ("/gponform/*", "GPON router"),
    ("/tmunblock.cgi", "Linksys router"),
    ("/goform/*", "router"),
    ("/cgi-bin/luci*", "router"),
    ("/cgi-bin/webproc", "router"),
    ("/cgi-bin/jarrewrite.sh", "SonicWall"),
    ("/cgi-bin/nobody/*", "AVTECH camera"),
    ("/cgi-bin/nas_sharing.cgi", "D-Link NAS"),
    ("/cgi-bin/mainfunction.cgi", "DrayTek router"),
    ("/cgi-bin/supervisor/*", "AVTECH camera"),
    ("/cgi-bin/authlogin.cgi", "QNAP"),
    ("/language/swedish$*", "camera"),
    ("/ctrlt/deviceupgrade_1", "Huawei router"),
    ("/picsdesc.xml", "Realtek SDK"),
    ("/wanipcn.xml", "Realtek SDK"),
    ("/sdk/websdk", "Hikvision camera"),
    ("/sdk/weblanguage", "Hikvision camera"),
    ("/onvif/device_service", "camera"),
    ("/evox/*", "building control"),
    ("/wls-wsat/*", "WebLogic"),
    ("/_async/asyncresponseservice*", "WebLogic"),
    ("/struts2-*", "Struts"),
    ("/struts/utils.js", "Struts"),
    ("/jmx-console/*", "JBoss"),
    ("/web-console/invoker", "JBoss"),
    ("/invoker/jmxinvokerservlet", "JBoss"),
    ("/invoker/ejbinvokerservlet", "JBoss"),
    ("/autodiscover/autodiscover.json*", "Exchange (ProxyShell)"),
    ("/ecp/current/exporttool/*", "Exchange"),
    ("/owa/auth/x.js", "Exchange"),
    ("/vtigercrm/*", "vtiger CRM"),
    ("/a2billing/*", "A2Billing"),
    ("/recordings/misc/*", "FreePBX"),
    ("/horde/imp/test.php", "Horde"),
    ("/roundcube/bin/msgimport", "Roundcube"),
    ("/bin/msgimport", "Roundcube"),
    ("/phpmyadmin/scripts/setup.php", "phpMyAdmin setup"),
    ("/scripts/setup.php", "phpMyAdmin setup"),
    ("/w00tw00t*", "w00tw00t"),
    ("/muieblackcat", "Muieblackcat"),
    ("/phppath/php*", "Plesk (CVE-2012-1823)"),
    ("/cgi-bin/php*", "PHP CGI (CVE-2012-1823)"),
    ("/solr/admin/cores", "Solr"),
    ("/solr/admin/info/system", "Solr"),
    ("/hudson/script", "Jenkins"),
    ("/script/ajaxevalscript", "Jenkins"),
    ("/descriptorbyname/org.jenkinsci*", "Jenkins"),
    ("/yarn/cluster*", "Hadoop"),
    ("/ws/v1/cluster/apps/new-application", "Hadoop"),
    ("/v1/agent/self", "Consul"),
    ("/containers/json", "Docker"),
    ("/v2/_catalog", "Docker registry"),
    ("/actuator/gateway/routes*", "Spring Cloud Gateway"),
    ("/actuator/heapdump", "Spring Actuator"),
    ("/functionrouter", "Spring Cloud Function"),
    ("/geoserver/web", "GeoServer"),
    ("/nacos/v1/*", "Nacos"),
    ("/druid/index.html", "Druid"),
    ("/api/jsonws/invoke", "Liferay"),
    ("/sitecore/shell/*", "Sitecore"),
    ("/vpns/cfg/*", "Citrix (CVE-2019-19781)"),
    ("/vpns/portal/*", "Citrix (CVE-2019-19781)"),
    ("/sslmgr", "PAN-OS"),
    ("/ cscoe /*", "Cisco ASA"),
    ("/level/15/exec/*", "Cisco IOS"),
    ("/webui_wsma_http", "Cisco IOS XE"),
    ("/saas/resttosaas", "VMware"),
    ("/ui/vropspluginui/*", "vCenter"),
    ("/sonicos/*", "SonicWall"),
    ("/webtools/control/*", "OFBiz"),
    ("/magmi/*", "Magento Magmi"),
    ("/magento_version", "Magento"),
    ("/downloader/index.php", "Magento"),
    ("/connectors/system/phpthumb.php", "MODX"),
    ("/components/com_b2jcontact/*", "Joomla"),
    ("/components/com_foxcontact/*", "Joomla"),
    ("/components/com_jce/*", "Joomla"),
    ("/administrator/components/com_*", "Joomla"),
    ("/elfinder/php/connector*", "elFinder"),
    ("/connector.minimal.php", "elFinder"),
    ("/filemanager/dialog.php", "file manager"),
    ("/fckeditor/editor/filemanager/*", "FCKeditor"),
    ("/kcfinder/upload.php", "KCFinder"),
    ("/uploadify.php", "Uploadify"),
    ("/jquery-file-upload/server/php*", "jQuery File Upload"),
    ("/php/upload.php", "file upload"),
    ("/open-flash-chart/php-ofc-library/*", "Open Flash Chart"),
    ("/ofc_upload_image.php", "Open Flash Chart"),
    ("/showbiz/temp/*", "WordPress plugin"),
    ("/revslider/temp/*", "Slider Revolution"),
    ("/plugins/wp-symposium/server/*", "WordPress plugin"),
    ("/wp-file-manager/lib/php/*", "WordPress plugin"),
    ("/gravityforms/change_log.txt", "WordPress plugin"),
    ("/plugins/dzs-zoomsounds/*", "WordPress plugin"),
    ("/hellopress/wp_filemng.php", "WordPress plugin"),
    ("/wp-admin/setup-config.php", "WordPress set-up"),
    ("/hoteldruid", "HotelDruid"),
    ("/vicidial/*", "VICIdial"),
    ("/mysql/sqlmanager*", "database console"),
    ("/cfide/administrator/*", "ColdFusion"),
    ("/cfide/adminapi/*", "ColdFusion"),
    ("/_vti_bin/*", "FrontPage"),
    ("/msadc/*", "IIS"),
    ("/iissamples/*", "IIS"),
    ("/_mem_bin/*", "IIS"),
    ("/scripts/root.exe", "IIS"),
    ("/winnt/system32/*", "IIS"),
    ("/nice ports,*", "Nmap"),
    ("/nmaplowercheck*", "Nmap"),
    ("/nmapuppercheck*", "Nmap"),
    ("/hazelcast/*", "Hazelcast"),
    ("/acunetix*", "Acunetix"),
    ("/nikto-test-*", "Nikto"),
    ("/sqlmap*", "sqlmap"),
    ("/testproxy.php", "proxy judge"),
    ("/azenv.php", "proxy judge"),
];

const SHELLS: &[(&str, &str)] = &[
    ("/c99.php", "c99"),
    ("/c99shell.php", "c99"),
    ("/r57.php", "r57"),
    ("/r57shell.php", "r57"),
    ("/wso.php", "WSO"),
    ("/wso2.php", "WSO"),
    ("/b374k.php", "b374k"),
    ("/indoxploit.php", "IndoXploit"),
    ("/alfa.php", "ALFA"),
    ("/alfacgiapi/*", "ALFA"),
    ("/alfa_data/*", "ALFA"),
    ("/cgialfa*", "ALFA"),
    ("/alfashell.php", "ALFA"),
    ("/alfanew.php", "ALFA"),
    ("/alfa-rex.php*", "ALFA"),
    ("/xleet.php", "xLeet"),
    ("/webshell.php", "web shell"),
    ("/shell.php", "web shell"),
    ("/shell1.php", "web shell"),
    ("/cmd.php", "web shell"),
    ("/cmd.jsp", "web shell"),
    ("/cmd.asp", "web shell"),
    ("/backdoor.php", "web shell"),
    ("/wp-content/plugins/ioptimization/*", "back door"),
    ("/wp-conflg.php", "back door"),
    ("/wp-includes/wp-class.php", "back door"),
    ("/wp-l0gin.php", "back door"),
    ("/xmlrpc2.php", "back door"),
    ("/lufix.php", "web shell"),
    ("/lufix1.php", "web shell"),
    ("/fm1.php", "web shell"),
    ("/mini.php", "web shell"),
    ("/marijuana.php", "web shell"),
    ("/0byte.php", "web shell"),
    ("/priv8.php", "web shell"),
    ("/adminer-3.php", "database console"),
];

const CODE: &[(&str, &str)] = &[
    ("/winnt/system32/cmd.exe", "shell command"),
    ("/system32/cmd.exe", "shell command"),
];

const PRIVATE: &[(&str, &str)] = &[
    ("/.ds_store", ".DS_Store"),
    ("/.htaccess", ".htaccess"),
    ("/.config", "hidden folder"),
    ("/.cache", "hidden folder"),
    ("/.gitignore", ".gitignore"),
    ("/web.config", "web.config"),
    ("/config.json", "configuration"),
    ("/config.yml", "configuration"),
    ("/config.yaml", "configuration"),
    ("/config.php", "configuration"),
    ("/appsettings.json", "configuration"),
    ("/parameters.yml", "configuration"),
    ("/composer.json", "composer.json"),
    ("/composer.lock", "composer.json"),
    ("/package.json", "package.json"),
    ("/phpinfo.php", "phpinfo"),
    ("/info.php", "phpinfo"),
    ("/test.php", "test page"),
    ("/debug.log", "log file"),
    ("/error_log", "log file"),
    ("/access.log", "log file"),
    ("/backup.zip", "backup"),
    ("/backup.tar.gz", "backup"),
    ("/backup.rar", "backup"),
    ("/www.zip", "backup"),
    ("/site.zip", "backup"),
    ("/wwwroot.zip", "backup"),
    ("/backup/", "backup"),
    ("/old/", "copy"),
    ("/server.key", "private key"),
    ("/private.key", "private key"),
];

const SHELL_NAMES: &[(&str, &str)] = &[
    ("/up.php", "upload page"),
    ("/upload.php", "upload page"),
    ("/x.php", "short name"),
    ("/1.php", "short name"),
    ("/a.php", "short name"),
    ("/xx.php", "short name"),
    ("/0.php", "short name"),
    ("/fm.php", "file manager"),
    ("/leaf.php", "mailer"),
    ("/mailer.php", "mailer"),
];

const ADMINISTRATION: &[(&str, &str)] = &[
    ("/wp-login.php", "WordPress"),
    ("/wp-admin/", "WordPress"),
    ("/administrator/", "Joomla"),
    ("/admin/", "admin folder"),
    ("/admin.php", "admin page"),
    ("/admin", "admin folder"),
    ("/phpmyadmin*", "phpMyAdmin"),
    ("/pma/", "phpMyAdmin"),
    ("/myadmin/", "phpMyAdmin"),
    ("/mysqladmin/", "phpMyAdmin"),
    ("/dbadmin/", "database console"),
    ("/adminer.php", "Adminer"),
    ("/mysql/", "database console"),
    ("/manager/html", "Tomcat"),
    ("/host-manager/html", "Tomcat"),
    ("/server-status", "Apache status"),
    ("/server-info", "Apache status"),
    ("/actuator", "Spring Actuator"),
    ("/jenkins/", "Jenkins"),
    ("/solr/", "Solr"),
    ("/owa/", "Exchange"),
    ("/ecp/", "Exchange"),
    ("/cpanel", "cPanel"),
    ("/webmail/", "web mail"),
    ("/setup.php", "set-up"),
    ("/install.php", "set-up"),
    ("/user/register", "Drupal"),
    ("/bitrix/admin/", "Bitrix"),
    ("/typo3/", "TYPO3"),
    ("/console/", "console"),
];

const ENUMERATION: &[(&str, &str)] = &[
    ("/wp-json/wp/v2/users", "WordPress users"),
    ("/changelog.txt", "version"),
    ("/readme.html", "version"),
    ("/readme.txt", "version"),
    ("/license.txt", "version"),
    ("/timthumb.php", "TimThumb"),
    ("/thumb.php", "TimThumb"),
    ("/wp-includes/wlwmanifest.xml", "WordPress"),
    ("/telescope/requests", "Laravel"),
    ("/horizon/api", "Laravel"),
    ("/swagger.json", "interface description"),
    ("/v2/api-docs", "interface description"),
    ("/phpunit*", "PHPUnit"),
    ("/fckeditor*", "FCKeditor"),
    ("/ckfinder*", "CKFinder"),
];
