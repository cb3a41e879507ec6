//! Keeps one of those functions of a WASM module that are the same, byte for byte: Rust makes
//! many of them from generic code, and the compiler leaves some to whoever packs the module.

use std::collections::HashMap;
use std::convert::Infallible;

use anyhow::anyhow;
use wasm_encoder::reencode::{Error, Reencode, utils};
use wasm_encoder::{CodeSection, FunctionSection, Module};
use wasmparser::{FunctionBody, FunctionSectionReader, Parser, Payload, TypeRef};

/// The module without functions that it has twice. Those that call them may become the same by
/// that, so it goes on until nothing is.
pub(super) fn fold(module: &[u8]) -> anyhow::Result<Vec<u8>> {
    let mut module = module.to_vec();
    loop {
        let Some(mut fold) = Fold::find(&module)? else {
            return Ok(module);
        };
        let mut folded = Module::new();
        fold.parse_core_module(&mut folded, Parser::new(0), &module)
            .map_err(|error| anyhow!("folding the console's functions: {error}"))?;
        module = folded.finish();
    }
}

/// Which functions stand for which.
struct Fold {
    /// The new index of every function, imported ones first.
    indexes: Vec<u32>,
    /// Whether a function of the module itself is kept.
    is_kept: Vec<bool>,
    /// How many bodies were read.
    bodies: usize,
}

impl Fold {
    /// Absent if no two functions are the same.
    fn find(module: &[u8]) -> anyhow::Result<Option<Self>> {
        let mut indexes = Vec::new();
        let mut types = Vec::new();
        let mut is_kept = Vec::new();
        let mut first = HashMap::new();
        let mut next = 0;
        for payload in Parser::new(0).parse_all(module) {
            match payload? {
                Payload::ImportSection(section) => {
                    for import in section.into_imports() {
                        if matches!(import?.ty, TypeRef::Func(_)) {
                            indexes.push(next);
                            next += 1;
                        }
                    }
                }
                Payload::FunctionSection(section) => {
                    types = section.into_iter().collect::<Result<_, _>>()?;
                }
                Payload::CodeSectionEntry(body) => {
                    let same = (types.get(is_kept.len()).copied(), &module[body.range()]);
                    let index = *first.entry(same).or_insert(next);
                    indexes.push(index);
                    is_kept.push(index == next);
                    next += u32::from(index == next);
                }
                _ => {}
            }
        }
        Ok(is_kept.contains(&false).then_some(Self {
            indexes,
            is_kept,
            bodies: 0,
        }))
    }
}

impl Reencode for Fold {
    type Error = Infallible;

    fn function_index(&mut self, function: u32) -> Result<u32, Error<Infallible>> {
        Ok(self.indexes[function as usize])
    }

    fn parse_function_section(
        &mut self,
        functions: &mut FunctionSection,
        section: FunctionSectionReader<'_>,
    ) -> Result<(), Error<Infallible>> {
        for (index, kind) in section.into_iter().enumerate() {
            let kind = self.type_index(kind?)?;
            if self.is_kept[index] {
                functions.function(kind);
            }
        }
        Ok(())
    }

    fn parse_function_body(
        &mut self,
        code: &mut CodeSection,
        body: FunctionBody<'_>,
    ) -> Result<(), Error<Infallible>> {
        self.bodies += 1;
        if self.is_kept[self.bodies - 1] {
            utils::parse_function_body(self, code, body)?;
        }
        Ok(())
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use wasm_encoder::{
        ConstExpr, ElementSection, Elements, EntityType, ExportKind, ExportSection, Function,
        ImportSection, TableSection, TableType, TypeSection, ValType,
    };

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
