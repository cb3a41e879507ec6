//! An isolation forest (Liu, Ting & Zhou, ICDM 2008) whose cuts lie across two quantities at a
//! time (Hariri, Carrasco Kind & Brunner, IEEE TKDE 2021): a point that few cuts separate from
//! the others is an anomaly. Only the arithmetic: not which points it is made of, nor when.

use super::random::Random;
use super::vector::{Vector, WIDTH};

/// Across how many quantities a cut lies. More than one, because people and bots who differ in
/// no single quantity differ in how these go together; few, because each dilutes the others.
const ACROSS: usize = 2;
const TREES: usize = 64;
/// Points of one tree.
const POINTS: usize = 256;
/// What lies further out than so many spreads is as far as it gets.
const FURTHEST: f32 = 6.0;
/// Shares and logarithms of which most actors have the same value still spread by this much.
const LEAST_SPREAD: f32 = 0.05;
const EULER: f64 = 0.577_215_664_901_532_9;
/// Cuts are also made so many spreads beyond the points: where all of them are alike, only such
/// a cut tells who is not.
const MARGIN: f32 = 2.0;

/// Cuts, and where each quantity is usual.
#[derive(Debug)]
pub(super) struct Forest {
    usual: [f32; WIDTH],
    spread: [f32; WIDTH],
    trees: Vec<Vec<Node>>,
    /// The mean number of cuts for one of so many points.
    usual_depth: f64,
}

#[derive(Debug, Clone, Copy)]
enum Node {
    Cut {
        places: [u8; ACROSS],
        weights: [f32; ACROSS],
        offset: f32,
        /// Where the other side is; this side follows.
        other: u16,
    },
    /// How many cuts it would take from here on.
    Leaf(f32),
}

/// A point in spreads from what is usual.
pub(super) type Point = [f32; WIDTH];

impl Forest {
    /// A forest of these points; the same from the same seed.
    #[must_use]
    pub(super) fn grow(vectors: &[Vector], seed: u64) -> Self {
        let mut forest = Self {
            usual: [0.0; WIDTH],
            spread: [1.0; WIDTH],
            trees: Vec::new(),
            usual_depth: depth_of(vectors.len().min(POINTS)),
        };
        for place in 0..WIDTH {
            let mut values: Vec<f32> = vectors.iter().map(|vector| vector.get(place)).collect();
            values.sort_by(f32::total_cmp);
            let at = |share: f64| values[((values.len() - 1) as f64 * share + 0.5) as usize];
            forest.usual[place] = at(0.5);
            // One standard deviation to each side, if it were a bell.
            forest.spread[place] = ((at(0.84) - at(0.16)) / 2.0).max(LEAST_SPREAD);
        }
        let points: Vec<Point> = vectors.iter().map(|vector| forest.place(vector)).collect();
        forest.trees = Ground::of(&points).grow(seed);
        forest
    }

    /// A vector as a point.
    #[must_use]
    pub(super) fn place(&self, vector: &Vector) -> Point {
        let mut point = [0.0; WIDTH];
        for (place, value) in point.iter_mut().enumerate() {
            let distance = (vector.get(place) - self.usual[place]) / self.spread[place];
            *value = distance.clamp(-FURTHEST, FURTHEST);
        }
        point
    }

    /// 0 to 1: well below ½ for what is usual, towards 1 for what the first cuts separate.
    #[must_use]
    pub(super) fn score(&self, point: &Point) -> f64 {
        self.score_of(self.trees.iter().map(|tree| depth(tree, point)).sum())
    }

    /// The score, and what it would be were the point usual in one quantity: in each.
    #[must_use]
    pub(super) fn scores_without(&self, point: &Point) -> (f64, [f64; WIDTH]) {
        let (mut whole, mut without) = (0.0, [0.0; WIDTH]);
        for tree in &self.trees {
            // Only from the first cut on that lies across a quantity the way can be another.
            let (mut first, mut before) = ([None; WIDTH], 0);
            let cuts = walk(tree, (0, 0), point, |index, places| {
                for place in places {
                    first[usize::from(*place)].get_or_insert((index, before));
                }
                before += 1;
            });
            whole += cuts;
            for (place, sum) in without.iter_mut().enumerate() {
                *sum += match first[place] {
                    Some(from) if point[place] != 0.0 => {
                        let mut usual = *point;
                        usual[place] = 0.0;
                        walk(tree, from, &usual, |_, _| ())
                    }
                    _ => cuts,
                };
            }
        }
        (
            self.score_of(whole),
            without.map(|depth| self.score_of(depth)),
        )
    }

    /// The same of many, tree by tree: a tree fits where reading is fast, all of them do not.
    #[must_use]
    pub(super) fn scores(&self, vectors: &[Vector]) -> Vec<f64> {
        let points: Vec<Point> = vectors.iter().map(|vector| self.place(vector)).collect();
        let mut depths = vec![0.0; points.len()];
        for tree in &self.trees {
            for (sum, point) in depths.iter_mut().zip(&points) {
                *sum += depth(tree, point);
            }
        }
        depths
            .into_iter()
            .map(|depth| self.score_of(depth))
            .collect()
    }

    fn score_of(&self, depth: f64) -> f64 {
        let mean = depth / self.trees.len().max(1) as f64;
        libm::exp2(-mean / self.usual_depth.max(1.0))
    }
}

/// How many cuts separate a point.
fn depth(tree: &[Node], point: &Point) -> f64 {
    walk(tree, (0, 0), point, |_, _| ())
}

/// The same from a node on, before which so many cuts were made. `pass` is told of each cut on the
/// way, with the quantities that it lies across.
fn walk(
    tree: &[Node],
    (mut index, mut cuts): (usize, usize),
    point: &Point,
    mut pass: impl FnMut(usize, &[u8; ACROSS]),
) -> f64 {
    loop {
        match &tree[index] {
            Node::Leaf(left) => return cuts as f64 + f64::from(*left),
            Node::Cut {
                places,
                weights,
                offset,
                other,
            } => {
                pass(index, places);
                index = if side(point, places, weights, *offset) {
                    index + 1
                } else {
                    usize::from(*other)
                };
                cuts += 1;
            }
        }
    }
}

fn side(point: &Point, places: &[u8; ACROSS], weights: &[f32; ACROSS], offset: f32) -> bool {
    let along = |index: usize| point[usize::from(places[index])] * weights[index];
    along(0) + along(1) < offset
}

/// The points that trees grow from, quantity by quantity: a cut reads two of them.
struct Ground {
    columns: [Vec<f32>; WIDTH],
    count: usize,
    /// By how many points there are, how many cuts separate one of them from the others.
    depths: Vec<f32>,
}

impl Ground {
    fn of(points: &[Point]) -> Self {
        Self {
            columns: std::array::from_fn(|place| points.iter().map(|it| it[place]).collect()),
            count: points.len(),
            depths: (0..=POINTS).map(|count| depth_of(count) as f32).collect(),
        }
    }

    /// The trees of a seed.
    fn grow(&self, seed: u64) -> Vec<Vec<Node>> {
        let mut random = Random::new(seed);
        let of_each = self.count.min(POINTS);
        let limit = of_each.next_power_of_two().trailing_zeros() as usize;
        let points = u16::try_from(self.count).expect("a forest is of some hundred points");
        let mut all: Vec<u16> = Vec::new();
        let trees = (0..TREES).map(|_| {
            all.clear();
            all.extend(0..points);
            for index in 0..of_each {
                let other = index + random.below(self.count - index);
                all.swap(index, other);
            }
            let mut tree = Vec::new();
            self.grow_tree(&mut all[..of_each], limit, &mut tree, &mut random);
            tree
        });
        trees.collect()
    }

    /// Grows a tree of the chosen points, or a part of one.
    fn grow_tree(
        &self,
        chosen: &mut [u16],
        limit: usize,
        tree: &mut Vec<Node>,
        random: &mut Random,
    ) {
        let at = tree.len();
        tree.push(Node::Leaf(self.depths[chosen.len()]));
        if limit == 0 || chosen.len() < 2 {
            return;
        }
        let (places, weights, offset) = self.cut(chosen, random);
        let [one, other] = places.map(|place| self.columns[usize::from(place)].as_slice());
        let mut near = 0;
        for index in 0..chosen.len() {
            let point = chosen[index];
            let (x, y) = (one[usize::from(point)], other[usize::from(point)]);
            // As `side` says, and swapped whatever it says: of two branches a processor would take
            // the wrong one half the time.
            chosen[index] = chosen[near];
            chosen[near] = point;
            near += usize::from(x * weights[0] + y * weights[1] < offset);
        }
        let (this, that) = chosen.split_at_mut(near);
        self.grow_tree(this, limit - 1, tree, random);
        tree[at] = Node::Cut {
            places,
            weights,
            offset,
            other: u16::try_from(tree.len()).expect("a tree has at most 511 nodes"),
        };
        self.grow_tree(that, limit - 1, tree, random);
    }

    /// A cut through a random place among the points, in a random direction across two quantities.
    fn cut(&self, chosen: &[u16], random: &mut Random) -> ([u8; ACROSS], [f32; ACROSS], f32) {
        let first = random.below(WIDTH);
        let second = (first + 1 + random.below(WIDTH - 1)) % WIDTH;
        let (mut weights, mut offset) = ([0.0; ACROSS], 0.0);
        for (place, weight) in [first, second].into_iter().zip(&mut weights) {
            let column = self.columns[place].as_slice();
            let (mut low, mut high) = (f32::MAX, f32::MIN);
            for point in chosen {
                let value = column[usize::from(*point)];
                low = if value < low { value } else { low };
                high = if value > high { value } else { high };
            }
            let (low, high) = (low - MARGIN, high + MARGIN);
            *weight = random.normal();
            offset += *weight * (low + (high - low) * random.share());
        }
        ([first as u8, second as u8], weights, offset)
    }
}

/// The mean number of cuts that separate one of so many points from the others.
fn depth_of(points: usize) -> f64 {
    match points {
        0 | 1 => 0.0,
        2 => 1.0,
        _ => {
            let count = points as f64;
            2.0 * (libm::log(count - 1.0) + EULER) - 2.0 * (count - 1.0) / count
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_mean_number_of_cuts_is_that_of_a_search_in_a_binary_tree() {
        assert_eq!(depth_of(1), 0.0);
        assert_eq!(depth_of(2), 1.0);
        // 2 (ln 255 + γ) − 2 × 255 / 256
        assert!((depth_of(256) - 10.244).abs() < 1e-3);
    }

    #[test]
    fn a_forest_of_the_same_points_and_seed_never_changes() {
        // What is stored of a model has a threshold that goes with these very trees.
        let mut random = Random::new(7);
        let mut point = || -> Point { std::array::from_fn(|_| random.normal()) };
        let points: Vec<Point> = (0..300).map(|_| point()).collect();
        let trees = Ground::of(&points).grow(8);
        let nodes: usize = trees.iter().map(Vec::len).sum();
        let cuts: f64 = trees.iter().map(|tree| depth(tree, &points[1])).sum();
        assert_eq!((nodes, cuts.to_bits()), (4_288, 4_652_054_955_178_328_064));
    }

    #[test]
    fn scores_without_each_quantity_are_those_of_points_that_are_usual_in_it() {
        let mut random = Random::new(7);
        let mut point = || -> Point { std::array::from_fn(|_| random.normal()) };
        let points: Vec<Point> = (0..300).map(|_| point()).collect();
        let forest = Forest {
            usual: [0.0; WIDTH],
            spread: [1.0; WIDTH],
            trees: Ground::of(&points).grow(8),
            usual_depth: depth_of(POINTS),
        };
        for point in &points {
            let (score, without) = forest.scores_without(point);
            assert_eq!(score, forest.score(point));
            for (place, without) in without.into_iter().enumerate() {
                let mut usual = *point;
                usual[place] = 0.0;
                assert_eq!(without, forest.score(&usual));
            }
        }
    }
}
