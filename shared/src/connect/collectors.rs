//! What collects logs and sends them on. Lines are sent as they are: what they mean is found out
//! here.

use super::{SHELL, Tool, ToolKind, step};

pub(super) const VECTOR: Tool = Tool {
    id: "vector",
    name: "Vector",
    kind: ToolKind::Collector,
    steps: &[step(
        "Add a source for your log and this sink, and reload Vector. A batch that is answered 429 \
         or 503 comes again by itself.",
        "/etc/vector/botscope.yaml",
        r#"sources:
  access_log:
    type: file
    include:
      - /var/log/nginx/access.log

sinks:
  botscope:
    type: http
    inputs:
      - access_log
    uri: {address}/api/v1/ingest
    method: post
    auth:
      strategy: bearer
      token: {token}
    compression: gzip
    framing:
      method: newline_delimited
    encoding:
      codec: text
    batch:
      timeout_secs: 1"#,
    )],
};

pub(super) const FLUENT_BIT: Tool = Tool {
    id: "fluent-bit",
    name: "Fluent Bit",
    kind: ToolKind::Collector,
    steps: &[step(
        "Add an input for your log and this output, and restart Fluent Bit.",
        "/etc/fluent-bit/botscope.conf",
        r#"[INPUT]
    Name      tail
    Tag       access
    Path      /var/log/nginx/access.log
    DB        /var/lib/fluent-bit/botscope.db

[OUTPUT]
    Name      http
    Match     access
    Host      {host}
    Port      {port}
    TLS       {tls}
    URI       /api/v1/ingest
    Header    Authorization Bearer {token}
    Format    json_lines
    Compress  gzip
    Retry_Limit no_limits"#,
    )],
};

pub(super) const OPEN_TELEMETRY: Tool = Tool {
    id: "opentelemetry",
    name: "OpenTelemetry",
    kind: ToolKind::Collector,
    steps: &[step(
        "Add this to your collector. Logs of requests that already arrive by OTLP need the \
         exporter alone. The receiver is in the contrib distribution.",
        "config.yaml",
        r#"receivers:
  filelog:
    include:
      - /var/log/nginx/access.log

exporters:
  otlphttp/botscope:
    endpoint: {address}
    headers:
      authorization: Bearer {token}

service:
  pipelines:
    logs/botscope:
      receivers: [filelog]
      exporters: [otlphttp/botscope]"#,
    )],
};

pub(super) const FILEBEAT: Tool = Tool {
    id: "filebeat",
    name: "Filebeat",
    kind: ToolKind::Collector,
    steps: &[step(
        "Have Filebeat send here as it sends to Elasticsearch, and restart it.",
        "/etc/filebeat/filebeat.yml",
        r#"filebeat.inputs:
  - type: filestream
    id: access-log
    paths:
      - /var/log/nginx/access.log

setup.ilm.enabled: false
setup.template.enabled: false

output.elasticsearch:
  hosts: ["{origin}/elastic"]
  headers:
    Authorization: Bearer {token}"#,
    )],
};

pub(super) const RSYSLOG: Tool = Tool {
    id: "rsyslog",
    name: "rsyslog",
    kind: ToolKind::Collector,
    steps: &[step(
        "Install its module (package rsyslog-elasticsearch), add this in a file that only root can \
         read, and restart rsyslog. While this server is away it waits, with whatever other files it \
         reads; but what is refused meanwhile (429, 503), rsyslog before 8.2606 drops. Where every \
         request counts, follow the log instead: Any log file.",
        "/etc/rsyslog.d/botscope.conf",
        r#"module(load="imfile")
module(load="omelasticsearch")

template(name="botscope" type="string" string="{\"message\":\"%msg:::json%\"}")

input(type="imfile" file="/var/log/nginx/access.log" tag="access" ruleset="botscope")

ruleset(name="botscope") {
    action(type="omelasticsearch" template="botscope" searchIndex="logs" searchType=""
           server="{origin}/elastic" uid="botscope" pwd="{token}" bulkmode="on"
           queue.type="LinkedList" queue.timeoutEnqueue="1000000000"
           action.resumeRetryCount="-1")
}"#,
    )],
};

pub(super) const CURL: Tool = Tool {
    id: "curl",
    name: "curl",
    kind: ToolKind::Collector,
    steps: &[step(
        "Send any log, or anything that can send HTTP does the same: lines of an access log, or \
         JSON, also as gzip or zstd.",
        SHELL,
        "curl --header 'Authorization: Bearer {token}' \\\n     --data-binary @access.log '{address}/api/v1/ingest'",
    )],
};
