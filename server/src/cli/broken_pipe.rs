//! What happens when nobody reads on what a command prints, as after `| head`: it ends, and says
//! nothing. Not a signal: the database's connection may break in the same way, which is no reason
//! to end.

/// What a shell says of a program that wrote where nobody reads: 128 and the number of the signal.
const STATUS: i32 = 141;

/// From here on a broken pipe behind the standard output ends the process quietly.
pub(super) fn end_quietly() {
    let usual = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        // Of the standard library's own making: printing cannot fail in any other way.
        let text = panic.payload_as_str().unwrap_or_default();
        if text.starts_with("failed printing to stdout: Broken pipe") {
            std::process::exit(STATUS);
        }
        usual(panic);
    }));
}

#[cfg(test)]
mod tests {
    use std::io::{BufRead, BufReader};
    use std::process::{Command, Stdio};

    use super::*;

    const CHILD: &str = "BOTSCOPE_TEST_PRINTS";

    #[test]
    fn a_command_whose_output_is_cut_off_ends_quietly() {
        if std::env::var_os(CHILD).is_some() {
            end_quietly();
            for line in 0.. {
                println!("line {line}");
            }
        }
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "--nocapture"])
            .arg("cli::broken_pipe::tests::a_command_whose_output_is_cut_off_ends_quietly")
            .env(CHILD, "1")
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        assert!(lines.any(|line| line.unwrap().contains("line 1")));
        drop(lines);
        let ended = child.wait_with_output().unwrap();
        assert_eq!(ended.status.code(), Some(STATUS));
        let said = String::from_utf8_lossy(&ended.stderr);
        assert!(!said.contains("panicked"), "{said}");
    }
}
