//! From a share to a step of the heat scale. The colours themselves are CSS's.

use crate::math::{log2, within};

/// The last step of the heat scale; the first is 0.
pub const HOTTEST: u8 = 8;

/// The step of the heat scale for `share` of its full length.
pub fn heat_step(share: f64) -> u8 {
    if !share.is_finite() {
        return if share == f64::INFINITY { HOTTEST } else { 0 };
    }
    // In range by now.
    (within(share, 0.0, 1.0) * f64::from(HOTTEST)).round() as u8
}

/// How far a deviation stands on the absolute scale: 0 at normal, 1 at 32 times normal.
pub fn deviation_share(deviation: f64) -> f64 {
    if deviation <= 1.0 || deviation.is_nan() {
        return 0.0;
    }
    (log2(deviation) / 5.0).min(1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn heat_is_coldest_at_normal_and_hottest_from_32_times_on() {
        let step = |deviation| heat_step(deviation_share(deviation));
        assert_eq!(step(0.3), 0);
        assert_eq!(step(1.0), 0);
        assert_eq!(step(2.0), 2);
        assert_eq!(step(32.0), HOTTEST);
        assert_eq!(step(f64::INFINITY), HOTTEST);
        assert_eq!(step(f64::NAN), 0);
    }
}
