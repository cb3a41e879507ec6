//! User agents of the demo traffic. Browsers are as new as browsers are at the time of the
//! request; programs say what they say.

use shared::Timestamp;

use super::random::Random;

/// 12 November 2024, when Chrome 131 came out; a new one follows every four weeks.
const CHROME_131_AT: i64 = 1_731_369_600_000;
const CHROME_EVERY: i64 = 28 * Timestamp::DAY;

/// The newest Chrome at a moment.
pub(super) fn chrome_version(at: i64) -> i64 {
    131 + (at - CHROME_131_AT).div_euclid(CHROME_EVERY).clamp(0, 400)
}

/// A desktop Chrome, `age` versions behind.
pub(super) fn chrome(at: i64, platform: &str, age: i64) -> String {
    let version = chrome_version(at) - age;
    format!(
        "Mozilla/5.0 ({platform}) AppleWebKit/537.36 (KHTML, like Gecko) \
         Chrome/{version}.0.0.0 Safari/537.36"
    )
}

/// What somebody uses; the same for the same `random`, but kept up to date.
pub(super) fn browser(random: &mut Random, at: i64) -> String {
    const WINDOWS: &str = "Windows NT 10.0; Win64; x64";
    const MAC: &str = "Macintosh; Intel Mac OS X 10_15_7";
    let age = i64::from(random.chance(30)) + i64::from(random.chance(10));
    let version = chrome_version(at) - age;
    match random.number(0..100) {
        0..30 => chrome(at, WINDOWS, age),
        30..40 => chrome(at, MAC, age),
        40..62 => format!(
            "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) \
             Chrome/{version}.0.0.0 Mobile Safari/537.36"
        ),
        62..84 => {
            let system = 18 + random.number(0..2);
            let minor = random.number(0..5);
            format!(
                "Mozilla/5.0 (iPhone; CPU iPhone OS {system}_{minor} like Mac OS X) \
                 AppleWebKit/605.1.15 (KHTML, like Gecko) Version/{system}.{minor} \
                 Mobile/15E148 Safari/604.1"
            )
        }
        84..92 => format!("{} Edg/{version}.0.0.0", chrome(at, WINDOWS, age)),
        _ => format!(
            "Mozilla/5.0 ({WINDOWS}; rv:{0}.0) Gecko/20100101 Firefox/{0}.0",
            version + 1
        ),
    }
}

/// The shop's app on somebody's phone.
pub(super) fn app(random: &mut Random) -> String {
    let version = format!("4.{}.{}", random.number(1..4), random.number(0..5));
    if random.chance(50) {
        let model = random.pick(&["SM-A546B", "SM-S921B", "Pixel 9", "2201117TG"]);
        let system = random.number(13..17);
        format!("NorthlaneShop/{version} (Android {system}; {model}) okhttp/4.12.0")
    } else {
        let network = random.pick(&["1498.700.2", "1568.300.101", "3826.500.131"]);
        let system = random.pick(&["23.6.0", "24.5.0", "25.1.0"]);
        format!("NorthlaneShop/{version} CFNetwork/{network} Darwin/{system}")
    }
}
