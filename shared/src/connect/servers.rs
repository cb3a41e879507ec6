//! What answers requests: it writes a log, and `botscope tail` follows that or a syslog listener
//! takes it.

use super::{SHELL, Step, Tool, ToolKind, step};

/// Keeps the token where only its owner reads it, and follows a log.
macro_rules! tail {
    ($log:literal) => {
        step(
            "Keep the token, and follow the log. Where a web server has several machines, do this \
             on each.",
            SHELL,
            concat!(
                "printf %s '{token}' | sudo install -D -m 600 /dev/stdin /etc/botscope/token\n",
                "sudo install -d /var/lib/botscope\n",
                "sudo botscope tail --to {address} --token-file /etc/botscope/token \\\n",
                "     --state /var/lib/botscope/tail.json ",
                $log
            ),
        )
    };
}

/// nginx's requests as JSON. `escape=json` makes whatever was sent safe.
macro_rules! nginx_format {
    () => {
        r#"log_format botscope escape=json
    '{"msec":$msec,"remote_addr":"$remote_addr","x_forwarded_for":"$http_x_forwarded_for",'
    '"host":"$host","method":"$request_method","uri":"$request_uri","protocol":"$server_protocol",'
    '"status":$status,"bytes_sent":$bytes_sent,"request_length":$request_length,'
    '"request_time":$request_time,"user_agent":"$http_user_agent","referer":"$http_referer",'
    '"user":"$remote_user","cookie":"$http_cookie"}';
"#
    };
}

pub(super) const NGINX: Tool = Tool {
    id: "nginx",
    name: "nginx",
    kind: ToolKind::Server,
    steps: &[
        step(
            "Have nginx write a second log, as JSON. A server block with an access_log of its own \
             needs the last line too.",
            "/etc/nginx/conf.d/botscope.conf",
            concat!(
                nginx_format!(),
                "access_log /var/log/nginx/botscope.json botscope;"
            ),
        ),
        step(
            "Check it and take it over.",
            SHELL,
            "sudo nginx -t && sudo nginx -s reload",
        ),
        tail!("/var/log/nginx/botscope.json"),
    ],
};

pub(super) const NGINX_SYSLOG: Tool = Tool {
    id: "nginx-syslog",
    name: "nginx by syslog",
    kind: ToolKind::Server,
    steps: &[
        step(
            "Have this server listen for syslog. It takes no token there: let only your web \
             servers reach that port.",
            SHELL,
            "botscope serve --syslog 'udp+tcp://127.0.0.1:5514={application}'",
        ),
        step(
            "Have nginx send its log there. A server block with an access_log of its own needs \
             the last line too.",
            "/etc/nginx/conf.d/botscope.conf",
            concat!(
                nginx_format!(),
                "access_log syslog:server=127.0.0.1:5514,tag=nginx botscope;"
            ),
        ),
        step(
            "Check it and take it over.",
            SHELL,
            "sudo nginx -t && sudo nginx -s reload",
        ),
    ],
};

pub(super) const CADDY: Tool = Tool {
    id: "caddy",
    name: "Caddy",
    kind: ToolKind::Server,
    steps: &[
        step(
            "Have each site write its log, inside its block, and reload Caddy.",
            "Caddyfile",
            "log {\n    output file /var/log/caddy/access.json\n    format json\n}",
        ),
        tail!("/var/log/caddy/access.json"),
    ],
};

pub(super) const TRAEFIK: Tool = Tool {
    id: "traefik",
    name: "Traefik",
    kind: ToolKind::Server,
    steps: &[
        step(
            "Have Traefik write its log as JSON, with the headers that tell bots apart, and \
             restart it.",
            "traefik.yml",
            r#"accessLog:
  filePath: /var/log/traefik/access.json
  format: json
  fields:
    headers:
      defaultMode: drop
      names:
        User-Agent: keep
        Referer: keep
        X-Forwarded-For: keep
        Cookie: keep"#,
        ),
        tail!("/var/log/traefik/access.json"),
    ],
};

pub(super) const ENVOY: Tool = Tool {
    id: "envoy",
    name: "Envoy",
    kind: ToolKind::Server,
    steps: &[
        step(
            "Give the connection manager a log, as JSON.",
            "envoy.yaml",
            r#"access_log:
  - name: envoy.access_loggers.file
    typed_config:
      "@type": type.googleapis.com/envoy.extensions.access_loggers.file.v3.FileAccessLog
      path: /var/log/envoy/access.json
      log_format:
        json_format:
          start_time: "%START_TIME%"
          downstream_remote_address: "%DOWNSTREAM_REMOTE_ADDRESS_WITHOUT_PORT%"
          x_forwarded_for: "%REQ(X-FORWARDED-FOR)%"
          authority: "%REQ(:AUTHORITY)%"
          method: "%REQ(:METHOD)%"
          path: "%REQ(X-ENVOY-ORIGINAL-PATH?:PATH)%"
          protocol: "%PROTOCOL%"
          response_code: "%RESPONSE_CODE%"
          bytes_sent: "%BYTES_SENT%"
          bytes_received: "%BYTES_RECEIVED%"
          duration: "%DURATION%"
          user_agent: "%REQ(USER-AGENT)%"
          referer: "%REQ(REFERER)%""#,
        ),
        tail!("/var/log/envoy/access.json"),
    ],
};

pub(super) const HAPROXY: Tool = Tool {
    id: "haproxy",
    name: "HAProxy",
    kind: ToolKind::Server,
    steps: &[
        step(
            "Have this server listen for syslog. It takes no token there: let only your proxies \
             reach that port.",
            SHELL,
            "botscope serve --syslog 'udp+tcp://127.0.0.1:5514={application}'",
        ),
        step(
            "Have HAProxy send its log there, as JSON, and reload it.",
            "haproxy.cfg",
            r#"frontend web
    log 127.0.0.1:5514 len 8192 format rfc5424 local0
    http-request capture req.hdr(Host) len 256
    http-request capture req.hdr(User-Agent) len 512
    http-request capture req.hdr(Referer) len 512
    http-request capture req.hdr(X-Forwarded-For) len 256
    log-format '{"ts":%Ts.%ms,"client_ip":"%ci","x_forwarded_for":"%[capture.req.hdr(3),json(utf8s)]","host":"%[capture.req.hdr(0),json(utf8s)]","method":"%[capture.req.method,json(utf8s)]","uri":"%[capture.req.uri,json(utf8s)]","protocol":"%[capture.req.ver]","status":%ST,"bytes_sent":%B,"request_length":%U,"duration_ms":%Ta,"user_agent":"%[capture.req.hdr(1),json(utf8s)]","referer":"%[capture.req.hdr(2),json(utf8s)]"}'"#,
        ),
    ],
};

const FILE_STEPS: &[Step] = &[tail!("/var/log/apache2/access.log")];

pub(super) const FILE: Tool = Tool {
    id: "file",
    name: "Any log file",
    kind: ToolKind::Server,
    steps: FILE_STEPS,
};
