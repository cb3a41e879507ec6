//! Short names for what the WASM calls of its JavaScript glue. Those that they come with end in a
//! hash each, and hashes do not compress; nobody else knows them.

use std::convert::Infallible;

use anyhow::anyhow;
use wasm_encoder::reencode::{Error, Reencode};
use wasm_encoder::{ImportSection, Module};
use wasmparser::{ImportSectionReader, Parser};

/// The module and its glue with short names. What does not stand in the glue just once, as the
/// name of a function, keeps its own.
pub(super) fn shorten(module: &[u8], glue: &str) -> anyhow::Result<(Vec<u8>, String)> {
    let mut names = Names {
        glue: glue.to_owned(),
        given: 0,
    };
    let mut shortened = Module::new();
    names
        .parse_core_module(&mut shortened, Parser::new(0), module)
        .map_err(|error| anyhow!("shortening the names of the console's imports: {error}"))?;
    Ok((shortened.finish(), names.glue))
}

struct Names {
    glue: String,
    /// How many names were given.
    given: usize,
}

impl Names {
    /// Another name for `name`, which the glue then has too.
    fn short(&mut self, name: &str) -> String {
        let short = format!("_{:x}", self.given);
        let [long_key, short_key] = [name, &short].map(|name| format!(" {name}: "));
        if self.glue.matches(&*long_key).count() != 1 || self.glue.contains(&*short_key) {
            return name.to_owned();
        }
        self.given += 1;
        self.glue = self.glue.replacen(&*long_key, &short_key, 1);
        short
    }
}

impl Reencode for Names {
    type Error = Infallible;

    fn parse_import_section(
        &mut self,
        imports: &mut ImportSection,
        section: ImportSectionReader<'_>,
    ) -> Result<(), Error<Infallible>> {
        for import in section.into_imports() {
            let import = import?;
            let kind = self.entity_type(import.ty)?;
            imports.import(import.module, &self.short(import.name), kind);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use wasmparser::Payload;

    use super::super::fold::tests::{module, one};
    use super::*;

    fn imported(module: &[u8]) -> Vec<String> {
        let mut names = Vec::new();
        for payload in Parser::new(0).parse_all(module) {
            if let Payload::ImportSection(section) = payload.unwrap() {
                names.extend(section.into_imports().map(|it| it.unwrap().name.to_owned()));
            }
        }
        names
    }

    #[test]
    fn module_and_glue_get_the_same_name() {
        let (short, glue) =
            shorten(&module(&[&one], &[]), "({\n  imported: function() {},\n})").unwrap();
        assert_eq!(imported(&short), ["_0"]);
        assert_eq!(glue, "({\n  _0: function() {},\n})");
    }

    #[test]
    fn a_name_that_is_not_there_once_stays() {
        for glue in ["", "{ imported: 1, imported: 2 }"] {
            let (same, unchanged) = shorten(&module(&[&one], &[]), glue).unwrap();
            assert_eq!(imported(&same), ["imported"]);
            assert_eq!(unchanged, glue);
        }
    }
}
