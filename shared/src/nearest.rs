//! Which of the known names somebody meant who wrote another: for *did you mean*. Knows no
//! names of its own.

/// A name shorter than this is near to everything.
const LEAST: usize = 3;

/// The known name that `written` most likely stands for; none if none is like it. Case does not
/// matter.
pub(crate) fn nearest<'a>(written: &str, known: &[&'a str]) -> Option<&'a str> {
    let written: Vec<char> = written.to_ascii_lowercase().chars().take(64).collect();
    if written.len() < LEAST {
        return None;
    }
    let mut best: Option<(usize, &str)> = None;
    for name in known {
        let faults = faults(&written, name);
        if faults <= allowed(written.len()) && best.is_none_or(|(fewest, _)| faults < fewest) {
            best = Some((faults, name));
        }
    }
    best.map(|(_, name)| name)
}

/// How many faults so many letters may have.
const fn allowed(letters: usize) -> usize {
    if letters < 6 { 1 } else { letters / 3 }
}

/// How far a text is from a name: letters too many, missing, wrong, or two in the wrong order. A
/// part of the name, four letters or more, is the name with one fault.
fn faults(written: &[char], name: &str) -> usize {
    let name: Vec<char> = name.chars().collect();
    if written.len() > LEAST && name.windows(written.len()).any(|part| part == written) {
        return 1;
    }
    // One line of the table for each letter written; the two before it are all that is needed.
    let mut before = Vec::new();
    let mut line: Vec<usize> = (0..=name.len()).collect();
    for (row, letter) in written.iter().enumerate() {
        let mut next = vec![row + 1];
        for (column, other) in name.iter().enumerate() {
            let replaced = line[column] + usize::from(letter != other);
            let mut least = replaced.min(line[column + 1] + 1).min(next[column] + 1);
            let is_swapped =
                row > 0 && column > 0 && written[row - 1] == *other && name[column - 1] == *letter;
            if is_swapped {
                least = least.min(before[column - 1] + 1);
            }
            next.push(least);
        }
        before = std::mem::replace(&mut line, next);
    }
    line[name.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mistyped_name_is_near_the_one_that_was_meant() {
        let known = ["scraping", "account_takeover", "statuscode", "request_rate"];
        let check = |written: &str, meant| assert_eq!(nearest(written, &known), meant, "{written}");
        check("scrapping", Some("scraping"));
        check("SCARPING", Some("scraping"));
        check("scrap", Some("scraping"));
        check("takeover", Some("account_takeover"));
        check("acount_takover", Some("account_takeover"));
        check("stauscode", Some("statuscode"));
        check("request-rate", Some("request_rate"));
        check("ddos", None);
        check("s", None);
        check("", None);
        check("ü", None);
        check(&"x".repeat(10_000), None);
    }

    #[test]
    fn of_several_the_one_with_fewest_faults_is_meant() {
        assert_eq!(nearest("rolr", &["user", "role"]), Some("role"));
        assert_eq!(nearest("hits1", &["hits"]), Some("hits"));
    }
}
