//! Tables of networks: `network,country` or `network,source`, or with the first and the last
//! address in two columns. Without a line of names, a value of two letters is a country.

use super::list::{LineError, parse_range, source_name};
use super::{BookBuilder, Country, Fact};

/// Reads a table.
pub(super) fn read(text: &str, book: &mut BookBuilder) -> Result<(), LineError> {
    let mut are_sources = false;
    for (number, line) in (1..).zip(text.lines()) {
        let line = line.trim_start_matches('\u{feff}').trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let cells: Vec<&str> = line
            .split(',')
            .map(|cell| cell.trim().trim_matches('"'))
            .collect();
        let (range, value) = match cells.as_slice() {
            [network, value] => ((*network).to_owned(), *value),
            [first, last, value] => (format!("{first}-{last}"), *value),
            _ => {
                let message = "expected network,country or network,source or first,last,country";
                return Err(LineError::new(number, message));
            }
        };
        let range = match parse_range(&range) {
            Ok(range) => range,
            // A line of names may be the first one.
            Err(_) if number == 1 => {
                are_sources = value.eq_ignore_ascii_case("source");
                continue;
            }
            Err(error) => return Err(LineError::new(number, error)),
        };
        let name = source_name(value);
        let country = Country::from_code(value).filter(|_| !are_sources);
        let fact = match country {
            Some(country) => Fact::Country(country),
            // Nobody knows, as some tables say it.
            None if matches!(value, "" | "-") || (!are_sources && value.len() == 2) => continue,
            None => Fact::Source(&name),
        };
        book.add(range, &fact)
            .map_err(|full| LineError::new(number, full))?;
    }
    Ok(())
}
