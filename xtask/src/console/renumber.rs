//! A WASM module with others of its own functions, or the same ones in another order. Which ones
//! is for `fold` and `order` to say; whoever calls a function calls it by its new number.

use std::convert::Infallible;

use anyhow::anyhow;
use wasm_encoder::reencode::{Error, Reencode};
use wasm_encoder::{CodeSection, Function, FunctionSection, Module};
use wasmparser::{FunctionBody, FunctionSectionReader, Parser, Payload, TypeRef};

/// The functions of a module.
pub(super) struct Functions<'a> {
    /// How many are imported: those come first in all numbers.
    pub(super) imported: u32,
    /// The types of its own, in order.
    pub(super) kinds: Vec<u32>,
    /// Their bodies.
    pub(super) bodies: Vec<FunctionBody<'a>>,
}

impl<'a> Functions<'a> {
    pub(super) fn read(module: &'a [u8]) -> anyhow::Result<Self> {
        let mut functions = Self {
            imported: 0,
            kinds: Vec::new(),
            bodies: Vec::new(),
        };
        for payload in Parser::new(0).parse_all(module) {
            match payload? {
                Payload::ImportSection(section) => {
                    for import in section.into_imports() {
                        functions.imported += u32::from(matches!(import?.ty, TypeRef::Func(_)));
                    }
                }
                Payload::FunctionSection(section) => {
                    functions.kinds = section.into_iter().collect::<Result<_, _>>()?;
                }
                Payload::CodeSectionEntry(body) => functions.bodies.push(body),
                _ => {}
            }
        }
        Ok(functions)
    }
}

/// Which functions a module gets.
pub(super) struct Renumber {
    /// The new number of every function there was, imported ones first.
    indexes: Vec<u32>,
    /// The former places of the module's own functions, in the new order.
    places: Vec<usize>,
    /// The bodies that were read, in the former order.
    bodies: Vec<Function>,
    /// How many there are.
    total: usize,
}

impl Renumber {
    /// `places` are those of the module's own functions that stay, in their new order; `number`
    /// gives each that there was its new place among them.
    pub(super) fn new(
        functions: &Functions<'_>,
        places: Vec<usize>,
        number: impl Fn(usize) -> u32,
    ) -> Self {
        let (imported, total) = (functions.imported, functions.bodies.len());
        let own = (0..total).map(|place| imported + number(place));
        Self {
            indexes: (0..imported).chain(own).collect(),
            places,
            bodies: Vec::new(),
            total,
        }
    }

    /// The module with these functions.
    pub(super) fn apply(mut self, module: &[u8]) -> anyhow::Result<Vec<u8>> {
        let mut renumbered = Module::new();
        self.parse_core_module(&mut renumbered, Parser::new(0), module)
            .map_err(|error| anyhow!("renumbering the console's functions: {error}"))?;
        Ok(renumbered.finish())
    }
}

impl Reencode for Renumber {
    type Error = Infallible;

    fn function_index(&mut self, function: u32) -> Result<u32, Error<Infallible>> {
        Ok(self.indexes[function as usize])
    }

    fn parse_function_section(
        &mut self,
        functions: &mut FunctionSection,
        section: FunctionSectionReader<'_>,
    ) -> Result<(), Error<Infallible>> {
        let kinds = section.into_iter().collect::<Result<Vec<_>, _>>()?;
        for place in &self.places {
            functions.function(kinds[*place]);
        }
        Ok(())
    }

    fn parse_function_body(
        &mut self,
        code: &mut CodeSection,
        body: FunctionBody<'_>,
    ) -> Result<(), Error<Infallible>> {
        let mut function = self.new_function_with_parsed_locals(&body)?;
        let mut reader = body.get_operators_reader()?;
        while !reader.eof() {
            function.instruction(&self.parse_instruction(&mut reader)?);
        }
        self.bodies.push(function);
        if self.bodies.len() == self.total {
            for place in &self.places {
                code.function(&self.bodies[*place]);
            }
        }
        Ok(())
    }
}
