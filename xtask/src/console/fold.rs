//! Keeps one of those functions of a WASM module that are the same, byte for byte: Rust makes
//! many of them from generic code, and the compiler leaves some to whoever packs the module.

use std::collections::HashMap;

use super::renumber::{Functions, Renumber};

/// The module without functions that it has twice. Those that call them may become the same by
/// that, so it goes on until nothing is.
pub(super) fn fold(module: &[u8]) -> anyhow::Result<Vec<u8>> {
    let mut module = module.to_vec();
    while let Some(folded) = without_twins(&module)? {
        module = folded;
    }
    Ok(module)
}

/// Absent if no two functions are the same.
fn without_twins(module: &[u8]) -> anyhow::Result<Option<Vec<u8>>> {
    let functions = Functions::read(module)?;
    let (mut kept, mut numbers) = (Vec::new(), Vec::new());
    let mut first = HashMap::new();
    for (place, (kind, body)) in functions.kinds.iter().zip(&functions.bodies).enumerate() {
        let next = kept.len() as u32;
        let number = *first.entry((kind, &module[body.range()])).or_insert(next);
        if number == next {
            kept.push(place);
        }
        numbers.push(number);
    }
    if kept.len() == numbers.len() {
        return Ok(None);
    }
    let renumber = Renumber::new(&functions, kept, |place| numbers[place]);
    renumber.apply(module).map(Some)
}

#[cfg(test)]
pub(crate) mod tests {
    use wasm_encoder::{
        CodeSection, ConstExpr, ElementSection, Elements, EntityType, ExportKind, ExportSection,
        Function, FunctionSection, ImportSection, Module, TableSection, TableType, TypeSection,
        ValType,
    };
    use wasmparser::{Parser, Payload};

    use super::*;

    /// A module of functions without parameters that give an `i32`, after an imported one.
    pub(crate) fn module(bodies: &[&dyn Fn(&mut Function)], exports: &[(&str, u32)]) -> Vec<u8> {
        let mut types = TypeSection::new();
        types.ty().function([], [ValType::I32]);
        let mut imports = ImportSection::new();
        imports.import("browser", "imported", EntityType::Function(0));
        let mut functions = FunctionSection::new();
        let mut code = CodeSection::new();
        for body in bodies {
            functions.function(0);
            let mut function = Function::new([]);
            body(&mut function);
            function.instructions().end();
            code.function(&function);
        }
        let mut tables = TableSection::new();
        tables.table(TableType {
            element_type: wasm_encoder::RefType::FUNCREF,
            table64: false,
            minimum: 8,
            maximum: None,
            shared: false,
        });
        let mut elements = ElementSection::new();
        let pointers: Vec<u32> = (1..=bodies.len() as u32).collect();
        elements.active(
            None,
            &ConstExpr::i32_const(0),
            Elements::Functions(pointers.into()),
        );
        let mut exported = ExportSection::new();
        for (name, index) in exports {
            exported.export(name, ExportKind::Func, *index);
        }
        let mut module = Module::new();
        module
            .section(&types)
            .section(&imports)
            .section(&functions)
            .section(&tables)
            .section(&exported)
            .section(&elements)
            .section(&code);
        module.finish()
    }

    pub(crate) fn one(function: &mut Function) {
        function.instructions().i32_const(1);
    }

    pub(crate) fn two(function: &mut Function) {
        function.instructions().i32_const(2);
    }

    #[test]
    fn functions_that_are_the_same_become_one_and_then_those_that_call_them() {
        let calls = |index: u32| {
            move |function: &mut Function| {
                function.instructions().call(index);
            }
        };
        let module_of_many = module(
            &[&one, &two, &one, &calls(1), &calls(3), &calls(0)],
            &[("a", 1), ("b", 2), ("c", 3), ("d", 4), ("e", 5), ("f", 6)],
        );
        let folded = fold(&module_of_many).unwrap();
        let mut exports = Vec::new();
        let mut bodies = 0;
        let mut pointers = Vec::new();
        for payload in Parser::new(0).parse_all(&folded) {
            match payload.unwrap() {
                Payload::ExportSection(section) => {
                    for export in section {
                        let export = export.unwrap();
                        exports.push((export.name.to_owned(), export.index));
                    }
                }
                Payload::ElementSection(section) => {
                    for element in section {
                        if let wasmparser::ElementItems::Functions(items) = element.unwrap().items {
                            pointers.extend(items.into_iter().map(Result::unwrap));
                        }
                    }
                }
                Payload::CodeSectionEntry(_) => bodies += 1,
                _ => {}
            }
        }
        let expected = [("a", 1), ("b", 2), ("c", 1), ("d", 3), ("e", 3), ("f", 4)];
        let expected = expected.map(|(name, index)| (name.to_owned(), index));
        assert_eq!(exports, expected);
        assert_eq!(pointers, [1, 2, 1, 3, 3, 4]);
        assert_eq!(bodies, 4);
    }

    #[test]
    fn a_module_without_twins_stays_as_it_is() {
        let distinct = module(&[&one, &two], &[("a", 1), ("b", 2)]);
        assert_eq!(fold(&distinct).unwrap(), distinct);
    }
}
