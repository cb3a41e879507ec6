//! The measured figures: printed as they come, kept for `--json`.

/// Named numbers in the order they were measured.
#[derive(Default)]
pub(super) struct Figures {
    measured: Vec<(String, f64)>,
}

impl Figures {
    /// Prints a figure and keeps it. The unit is part of the name where the number needs one.
    pub(super) fn add(&mut self, name: &str, value: f64, unit: &str) {
        println!("  {name:<44} {:>12} {unit}", shown(value));
        self.measured.push((name.to_owned(), value));
    }

    /// A figure that was measured before.
    pub(super) fn get(&self, name: &str) -> Option<f64> {
        let mut measured = self.measured.iter();
        measured.find_map(|(of, value)| (of == name).then_some(*value))
    }

    /// One flat JSON object.
    pub(super) fn to_json(&self) -> String {
        let object: serde_json::Map<String, serde_json::Value> = self
            .measured
            .iter()
            .map(|(name, value)| (name.clone(), rounded(*value)))
            .collect();
        format!("{:#}\n", serde_json::Value::Object(object))
    }
}

fn rounded(value: f64) -> serde_json::Value {
    let rounded = (value * 1000.0).round() / 1000.0;
    if rounded.fract() == 0.0 && rounded.abs() < 1e15 {
        serde_json::Value::from(rounded as i64)
    } else {
        serde_json::Value::from(rounded)
    }
}

fn shown(value: f64) -> String {
    if value.fract() == 0.0 {
        format!("{value:.0}")
    } else if value.abs() < 100.0 {
        format!("{value:.2}")
    } else {
        format!("{value:.0}")
    }
}

/// The value below which a share `p` of the sorted values lies; 0 of nothing.
pub(super) fn quantile(sorted: &[f64], p: f64) -> f64 {
    let last = sorted.len().saturating_sub(1);
    let at = (p * last as f64).round() as usize;
    sorted.get(at).copied().unwrap_or(0.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quantile_is_one_of_the_values() {
        let values = [1.0, 2.0, 3.0, 4.0, 100.0];
        assert_eq!(quantile(&values, 0.5), 3.0);
        assert_eq!(quantile(&values, 0.99), 100.0);
        assert_eq!(quantile(&[], 0.5), 0.0);
    }

    #[test]
    fn the_json_is_one_flat_object_of_numbers() {
        let mut figures = Figures::default();
        figures.add("import_lines_per_second", 1600.4567, "lines/s");
        figures.add("attacks", 12.0, "");
        let json: serde_json::Value = serde_json::from_str(&figures.to_json()).unwrap();
        assert_eq!(json["import_lines_per_second"], 1600.457);
        assert_eq!(json["attacks"], 12);
    }
}
