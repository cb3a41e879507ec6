//! The one way in which charts sort: by places, so that all of them share its code.

use std::cmp::Ordering;

/// The places 0 to `count` in the order that `compare` gives them; equals stay as they are.
pub fn ordered(count: usize, compare: &dyn Fn(usize, usize) -> Ordering) -> Vec<usize> {
    let mut order = Vec::with_capacity(count);
    for next in 0..count {
        let place = order.partition_point(|other| compare(*other, next) != Ordering::Greater);
        order.insert(place, next);
    }
    order
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equals_stay_as_they_are() {
        let values = [3, 1, 2, 1, 3];
        let order = ordered(5, &|one, other| values[one].cmp(&values[other]));
        assert_eq!(order, [1, 3, 2, 0, 4]);
    }
}
