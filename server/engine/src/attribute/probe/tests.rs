use super::*;

fn found(method: &str, path: &str, query: &str) -> Option<Probe> {
    probe(method, path, query, "", "")
}

#[test]
fn a_secret_file_is_decisive() {
    let probe = found("GET", "/.env", "").unwrap();
    assert!(probe.decisive && probe.kind == ProbeKind::SecretFile);
    assert_eq!(found("GET", "/.environment", ""), None);
}
