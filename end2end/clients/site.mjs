// A website that says what it answers through the libraries that applications have for it: each
// request to OpenTelemetry's logs, once as protobuf and once as JSON, and to Elasticsearch's bulk
// helper. Started by `cargo xtask clients`; ends in good order when it is told to, once all of it
// is sent.
//
//   node site.mjs PORT BOTSCOPE PROTOBUF_TOKEN JSON_TOKEN ELASTIC_TOKEN

import { Readable } from "node:stream";
import { createServer } from "node:http";
import { Client } from "@elastic/elasticsearch";
import { OTLPLogExporter as JsonExporter } from "@opentelemetry/exporter-logs-otlp-http";
import { OTLPLogExporter as ProtobufExporter } from "@opentelemetry/exporter-logs-otlp-proto";
import { BatchLogRecordProcessor, LoggerProvider } from "@opentelemetry/sdk-logs";

const [port, botscope, ...tokens] = process.argv.slice(2);
const [protobufToken, jsonToken, elasticToken] = tokens;

/** What makes loggers of OpenTelemetry that send by this kind of exporter. */
function provider(Exporter, token) {
  const exporter = new Exporter({
    url: `${botscope}/v1/logs`,
    headers: { authorization: `Bearer ${token}` },
    compression: "gzip",
  });
  const processor = new BatchLogRecordProcessor({ exporter, scheduledDelayMillis: 200 });
  return new LoggerProvider({ processors: [processor] });
}

const providers = [provider(ProtobufExporter, protobufToken), provider(JsonExporter, jsonToken)];
const loggers = providers.map((provider) => provider.getLogger("site"));

const elasticsearch = new Client({ node: `${botscope}/elastic`, auth: { apiKey: elasticToken } });
const documents = new Readable({ objectMode: true, read() {} });
const bulk = elasticsearch.helpers.bulk({
  datasource: documents,
  onDocument: () => ({ create: { _index: "logs-site" } }),
  flushBytes: 100_000,
  flushInterval: 200,
});

const server = createServer((request, response) => {
  const started = new Date();
  const url = new URL(request.url, "http://site");
  response.end("ok");
  response.on("finish", () => {
    const seconds = (Date.now() - started.getTime()) / 1000;
    // The names of OpenTelemetry's conventions for HTTP servers.
    const record = {
      timestamp: started,
      severityText: "INFO",
      body: "request",
      attributes: {
        "client.address": request.socket.remoteAddress,
        "http.request.method": request.method,
        "url.path": url.pathname,
        "url.query": url.search.slice(1),
        "http.response.status_code": response.statusCode,
        "server.address": request.headers.host,
        "user_agent.original": request.headers["user-agent"],
        "http.server.request.duration": seconds,
      },
    };
    for (const logger of loggers) logger.emit(record);
    // Those of the Elastic Common Schema.
    documents.push({
      "@timestamp": started.toISOString(),
      event: { dataset: "site.access", duration: seconds * 1e9 },
      source: { ip: request.socket.remoteAddress },
      http: {
        version: request.httpVersion,
        request: { method: request.method },
        response: { status_code: response.statusCode },
      },
      url: { original: request.url, domain: request.headers.host },
      user_agent: { original: request.headers["user-agent"] },
    });
  });
});

process.once("SIGTERM", async () => {
  server.close();
  server.closeAllConnections();
  documents.push(null);
  await Promise.all(providers.map((provider) => provider.shutdown()));
  const { failed, successful } = await bulk;
  console.error(`site: ${successful} documents taken, ${failed} refused`);
  process.exitCode = failed > 0 ? 1 : 0;
});

server.listen(Number(port), "127.0.0.1");
