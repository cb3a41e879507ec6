//! Puts functions of a WASM module that are alike beside one another. Rust makes families of
//! them from generic code, spread over the whole module; what repeats nearby takes brotli fewer
//! bytes than what repeats far away. Changes no function but for the numbers it calls by.

use wasmparser::{FunctionBody, Operator};

use super::renumber::{Functions, Renumber};

/// Constants from here on are addresses, most of them, which differ between functions that are
/// alike.
const FIRST_ADDRESS: i32 = 1 << 16;

/// The module with its own functions in another order.
pub(super) fn order(module: &[u8]) -> anyhow::Result<Vec<u8>> {
    let functions = Functions::read(module)?;
    let mut likenesses = Vec::new();
    for (kind, body) in functions.kinds.iter().zip(&functions.bodies) {
        let reversed = reversed(module, body)?;
        likenesses.push(Likeness {
            kind: *kind,
            reversed,
        });
    }
    let mut places: Vec<usize> = (0..likenesses.len()).collect();
    // Equals stay as they are: the same module gives the same bytes everywhere.
    places.sort_by_key(|place| &likenesses[*place]);
    let mut numbers = vec![0; places.len()];
    for (number, place) in (0..).zip(&places) {
        numbers[*place] = number;
    }
    let renumber = Renumber::new(&functions, places, |place| numbers[place]);
    renumber.apply(module)
}

/// What a function is compared by: its type, then its code from the end on, as functions of a
/// family end alike more often than they begin alike.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Likeness {
    kind: u32,
    reversed: Vec<u8>,
}

/// The code of a function from its end on, without what it calls and where its data are.
fn reversed(module: &[u8], body: &FunctionBody<'_>) -> anyhow::Result<Vec<u8>> {
    let mut code = Vec::new();
    let mut reader = body.get_operators_reader()?;
    while !reader.eof() {
        let start = reader.original_position();
        let operator = reader.read()?;
        let differs = match operator {
            Operator::Call { .. } => true,
            Operator::I32Const { value } => value >= FIRST_ADDRESS,
            _ => false,
        };
        let end = if differs {
            start + 1
        } else {
            reader.original_position()
        };
        code.extend(&module[start..end]);
    }
    code.reverse();
    Ok(code)
}

#[cfg(test)]
mod tests {
    use wasm_encoder::Function;
    use wasmparser::{Parser, Payload};

    use super::super::fold::tests::{module, one, two};
    use super::*;

    /// What each exported function calls or gives, by name: an index, or a constant below 0.
    fn told(module: &[u8]) -> Vec<(String, i64)> {
        let (mut exports, mut bodies) = (Vec::new(), Vec::new());
        for payload in Parser::new(0).parse_all(module) {
            match payload.unwrap() {
                Payload::ExportSection(section) => {
                    exports.extend(section.into_iter().map(Result::unwrap));
                }
                Payload::CodeSectionEntry(body) => {
                    let mut reader = body.get_operators_reader().unwrap();
                    bodies.push(match reader.read().unwrap() {
                        Operator::Call { function_index } => i64::from(function_index),
                        Operator::I32Const { value } => -i64::from(value),
                        other => panic!("{other:?}"),
                    });
                }
                _ => {}
            }
        }
        let told = exports.iter().map(|export| {
            // One function is imported.
            (export.name.to_owned(), bodies[export.index as usize - 1])
        });
        told.collect()
    }

    #[test]
    fn functions_keep_their_names_and_what_they_call() {
        let calls = |index: u32| {
            move |function: &mut Function| {
                function.instructions().call(index);
            }
        };
        let mixed = module(
            &[&calls(4), &one, &calls(2), &two],
            &[("a", 1), ("b", 2), ("c", 3), ("d", 4)],
        );
        let ordered = order(&mixed).unwrap();
        let told = told(&ordered);
        let names: Vec<&str> = told.iter().map(|(name, _)| &**name).collect();
        assert_eq!(names, ["a", "b", "c", "d"]);
        assert_eq!((told[1].1, told[3].1), (-1, -2));
        // Those that call stand together, in their order, before or after the others.
        let index_of = |value: i64| 1 + i64::from(value == -2);
        let (first, second) = (told[0].1, told[2].1);
        assert_eq!(first - second, index_of(-2) - index_of(-1));
        assert_eq!(order(&ordered).unwrap(), ordered, "once is enough");
    }
}
