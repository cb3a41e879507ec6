//! Libraries by which applications say what they do: a site of Node.js that tells each request to
//! OpenTelemetry's logs, as protobuf and as JSON, and to the client of Elasticsearch.

use std::path::Path;
use std::process::Command;

use super::{Fixture, REQUESTS, request, serve};
use crate::project::Project;
use crate::server::free_address;

/// The applications that it tells, as it takes their tokens.
const APPLICATIONS: [&str; 3] = ["by-protobuf", "by-json", "by-elasticsearch"];

pub(super) fn send(project: &Project, binary: &Path) -> anyhow::Result<String> {
    let fixture = Fixture::start(binary, &[])?;
    let web = free_address()?;
    let mut start = Command::new("node");
    start.arg(project.end2end().join("clients/site.mjs"));
    start.args([&web.port().to_string(), &fixture.address()]);
    for application in APPLICATIONS {
        start.arg(fixture.make_application(application)?);
    }
    let site = serve(&mut start, web)?;
    request(web, REQUESTS)?;
    // It ends once it has sent what it has.
    site.stop()?;
    for application in APPLICATIONS {
        fixture.expect(application, REQUESTS, REQUESTS)?;
    }
    Ok(format!(
        "OpenTelemetry's library, protobuf and JSON, and Elasticsearch's: {REQUESTS} requests \
         each"
    ))
}
