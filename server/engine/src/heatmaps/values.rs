//! What a slice is worth on each dimension of the heatmaps, and what the dimensions are.

use shared::{Bubble, Dimension, Heatmap, Scale};

use crate::effects::HeatmapNormals;
use crate::slice::Slice;

/// A log scale is full at so many times normal.
const FULL: f64 = 32.0;

/// What is measured of each bot: the names of the heatmaps' dimensions, after the number of
/// requests.
pub const DIMENSIONS: [&str; 11] = [
    "requests",
    "rps",
    "request_rate",
    "scheduled_requests",
    "request_non_uniqueness",
    "detectors",
    "suspicious_behavior",
    "critical_requests",
    "errors",
    "unsafe_methods",
    "endpoints",
];
const RPS: usize = 1;
const REQUEST_RATE: usize = 2;
const SCHEDULED: usize = 3;
const NON_UNIQUENESS: usize = 4;
const DETECTORS: usize = 5;
const SURPRISE: usize = 6;
const CRITICAL: usize = 7;
const ERRORS: usize = 8;
const UNSAFE: usize = 9;
const ENDPOINTS: usize = 10;

/// The values of one bot in the order of [`DIMENSIONS`]; absent where not measured.
pub(super) type Values = [Option<f64>; DIMENSIONS.len()];

/// The values of what was done in a stretch of time. Crawlers were not `judged`.
pub(super) fn measure(slice: &Slice, normals: &HeatmapNormals, judged: bool) -> Values {
    let uniqueness = slice.endpoints.uniqueness();
    [
        Some(slice.requests as f64),
        Some(slice.rps()),
        Some(slice.request_rate()),
        slice.gaps.scheduled(),
        uniqueness.map(|uniqueness| 1.0 - uniqueness),
        judged.then(|| f64::from(slice.voted.0.count_ones())),
        // Not measured while no request of the window had a surprise.
        (slice.surprise > 0).then(|| slice.surprise_score(normals.usual_surprise)),
        Some(slice.critical as f64),
        Some(slice.errors as f64),
        Some(slice.unsafe_methods as f64),
        Some(slice.endpoints.distinct() as f64),
    ]
}

/// A bubble's values before they are told apart by heatmap.
pub(super) struct Measured {
    pub(super) bubble: Bubble,
    values: Values,
}

impl Measured {
    pub(super) fn new(bubble: Bubble, slice: &Slice, normals: &HeatmapNormals) -> Self {
        let judged = bubble.attack_id.is_some();
        Self {
            values: measure(slice, normals, judged),
            bubble: Bubble {
                requests: slice.requests,
                ..bubble
            },
        }
    }
}

fn bubbles(measured: &[Measured], dimensions: [usize; 4]) -> Vec<Bubble> {
    let bubbles = measured.iter().map(|one| {
        let [x, y, color, size] = dimensions.map(|dimension| one.values[dimension]);
        Bubble {
            x,
            y,
            color,
            size,
            ..one.bubble.clone()
        }
    });
    bubbles.collect()
}

/// A dimension with a log scale that begins at normal.
fn dimension(name: &str, label: &str, unit: &str, normal: f64, explanation: &str) -> Dimension {
    Dimension {
        name: name.to_owned(),
        label: label.to_owned(),
        unit: unit.to_owned(),
        explanation: explanation.to_owned(),
        normal,
        full: normal * FULL,
        scale: Scale::Log2,
    }
}

/// A score from 0 to 1.
fn score(name: &str, label: &str, explanation: &str) -> Dimension {
    Dimension {
        full: 1.0,
        scale: Scale::Linear,
        ..dimension(name, label, "", 0.0, explanation)
    }
}

fn rps(normals: &HeatmapNormals) -> Dimension {
    dimension(
        DIMENSIONS[RPS],
        "Requests per second",
        "requests/s",
        normals.rps,
        "Requests over the time from the first to the last, at least a minute. People pause to \
         read; a bot that works through a list does not.",
    )
}

pub(super) fn performance(measured: &[Measured], normals: &HeatmapNormals) -> Heatmap {
    Heatmap {
        x: rps(normals),
        y: dimension(
            DIMENSIONS[REQUEST_RATE],
            "Request rate",
            "requests/s",
            normals.request_rate,
            "How fast it sends when it sends: requests in bursts over the length of the bursts. \
             Its inverse is the interval between two requests.",
        ),
        color: score(
            DIMENSIONS[SCHEDULED],
            "Scheduled requests",
            "How regular the pauses between bursts are: 0 is random, 1 is a clock. Needs at \
             least eight pauses.",
        ),
        size: score(
            DIMENSIONS[NON_UNIQUENESS],
            "Request non-uniqueness",
            "How much it repeats itself: 0 means that fifty requests go to fifty different \
             endpoints, 1 that all go to the same. Needs at least ten requests.",
        ),
        bubbles: bubbles(measured, [RPS, REQUEST_RATE, SCHEDULED, NON_UNIQUENESS]),
    }
}

pub(super) fn behavior(measured: &[Measured], normals: &HeatmapNormals) -> Heatmap {
    Heatmap {
        x: rps(normals),
        y: dimension(
            DIMENSIONS[DETECTORS],
            "Detectors that voted",
            "detectors",
            1.0,
            "How many of the detectors found something abnormal. Independent findings weigh \
             more than one extreme one.",
        ),
        color: Dimension {
            // Bits are logarithms: five more bits are 32 times less likely.
            full: normals.surprise + libm::log2(FULL),
            scale: Scale::Linear,
            ..dimension(
                DIMENSIONS[SURPRISE],
                "Suspicious behaviour score",
                "bits/request",
                normals.surprise,
                "How surprising its requests are for someone who knows how people move through \
                 this application; each further bit is twice as unlikely.",
            )
        },
        size: dimension(
            DIMENSIONS[CRITICAL],
            "Critical or sensitive requests",
            "requests",
            normals.critical,
            "Requests to endpoints that sign in, pay, change accounts, administer or hold \
             secrets.",
        ),
        bubbles: bubbles(measured, [RPS, DETECTORS, SURPRISE, CRITICAL]),
    }
}

pub(super) fn http_errors(measured: &[Measured], normals: &HeatmapNormals) -> Heatmap {
    Heatmap {
        x: rps(normals),
        y: dimension(
            DIMENSIONS[ERRORS],
            "Error responses",
            "responses",
            normals.errors,
            "Responses with a status from 400 on: what it asked for did not exist, was not \
             allowed, or broke something.",
        ),
        color: dimension(
            DIMENSIONS[UNSAFE],
            "Requests with an unsafe method",
            "requests",
            normals.unsafe_methods,
            "Requests that may change something: POST, PUT, PATCH, DELETE and others that are \
             not defined as safe.",
        ),
        size: dimension(
            DIMENSIONS[ENDPOINTS],
            "Different endpoints",
            "endpoints",
            normals.endpoints,
            "How many different endpoints it asked for. People use a small part of an \
             application.",
        ),
        bubbles: bubbles(measured, [RPS, ERRORS, UNSAFE, ENDPOINTS]),
    }
}
