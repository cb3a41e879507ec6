//! Logarithms and powers: the browser's own where there is one. Those of Rust bring tables of
//! several kilobytes along, which do not compress.

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
