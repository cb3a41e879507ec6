//! Tells the compiler where the built console lies and when it changed.

use std::path::Path;

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    let root = Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .expect("the server lies in the project's root");
    // Absolute, because a debug build reads the console from there at run time.
    println!("cargo::rustc-env=BOTSCOPE_DIST={}/dist", root.display());
    // Only a release build holds the console itself. While there is no `dist/`, a missing file
    // counts as changed; so a release build notices the first console too.
    if std::env::var("PROFILE").is_ok_and(|profile| profile == "release") {
        println!("cargo::rerun-if-changed=../dist");
        println!("cargo::rerun-if-changed=examples");
    }
}
