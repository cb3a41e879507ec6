//! Logarithms and powers: the browser's own where there is one. And numbers as the document's
//! attributes have them. Those of Rust bring code and tables of many kilobytes along.

#[cfg(target_arch = "wasm32")]
use js_sys::Math;

/// The logarithm to base 10.
pub fn log10(x: f64) -> f64 {
    #[cfg(target_arch = "wasm32")]
    return Math::log10(x);
    #[cfg(not(target_arch = "wasm32"))]
    return x.log10();
}

/// The logarithm to base 2.
pub fn log2(x: f64) -> f64 {
    #[cfg(target_arch = "wasm32")]
    return Math::log2(x);
    #[cfg(not(target_arch = "wasm32"))]
    return x.log2();
}

/// `base` to the power of `exponent`.
pub fn pow(base: f64, exponent: f64) -> f64 {
    #[cfg(target_arch = "wasm32")]
    return Math::pow(base, exponent);
    #[cfg(not(target_arch = "wasm32"))]
    return base.powf(exponent);
}

/// The nearest number to `value` that is not below `least` or above `most`. That of Rust can
/// complain, and for that writes numbers.
pub fn within(value: f64, least: f64, most: f64) -> f64 {
    value.max(least).min(most)
}

/// A number of the document, which no person reads: with at most `decimals` decimals, without
/// zeros at the end.
pub fn fixed(value: f64, decimals: u32) -> String {
    let unit = 10_i64.pow(decimals);
    // Places and shares: far from what an integer can hold.
    let scaled = (value * unit as f64 + 0.5).floor() as i64;
    let sign = if scaled < 0 { "-" } else { "" };
    let (whole, mut rest) = (scaled.abs() / unit, scaled.abs() % unit);
    if rest == 0 {
        return format!("{sign}{whole}");
    }
    let mut width = decimals as usize;
    while rest % 10 == 0 {
        rest /= 10;
        width -= 1;
    }
    format!("{sign}{whole}.{rest:0width$}")
}

#[cfg(test)]
mod tests {
    use super::fixed;

    #[test]
    fn a_number_has_no_more_decimals_than_it_needs() {
        for (value, decimals, expected) in [
            (0.0, 2, "0"),
            (12.0, 2, "12"),
            (12.345, 2, "12.35"),
            (12.304, 2, "12.3"),
            (-0.05, 2, "-0.05"),
            (-0.001, 2, "0"),
            (-3.25, 1, "-3.2"),
            (7.6, 0, "8"),
            (f64::NAN, 2, "0"),
        ] {
            assert_eq!(fixed(value, decimals), expected, "{value}");
        }
    }
}
