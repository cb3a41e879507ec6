//! Bots that cost: exports of everything again and again, and searches that the shop has to
//! think about for long.

use super::script::{Script, Sender};
use super::shop::{API, Meaning};

/// The whole catalogue as a file, four at a time, over and over.
pub(super) fn export(script: &mut Script, address: &str) {
    script.host = API;
    script.be(Sender {
        address: address.to_owned(),
        user_agent: "python-requests/2.31.0".to_owned(),
        ..Sender::default()
    });
    while script.goes_on() {
        script.fetch(
            5..60,
            "/api/v1/export?format=csv".to_owned(),
            Meaning::Plain,
        );
        script.get("/api/v1/export?format=csv");
        script.wait(300..1_500);
    }
}

/// Searches for everything, several a second, as a small program for load tests does it.
pub(super) fn search(script: &mut Script, address: &str) {
    script.be(Sender {
        address: address.to_owned(),
        user_agent: "Go-http-client/1.1".to_owned(),
        ..Sender::default()
    });
    while script.goes_on() {
        let at = script.now;
        script.fetch(0..400, "/search?q=*".to_owned(), Meaning::Plain);
        script.get("/search?q=*");
        // It does not wait for answers.
        script.now = at;
        script.wait(250..900);
    }
}
