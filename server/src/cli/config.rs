//! Options from a file: TOML with the options of `serve` by their names, `_` for `-`. What the
//! environment or the command line says comes first. Not what options there are: each command says
//! that itself, and the file knows what they know.

use std::ffi::OsString;
use std::fmt::Write as _;
use std::fs;
use std::ops::Range;
use std::path::{Path, PathBuf};

use anyhow::Context;
use clap::error::{ContextKind, ContextValue};
use clap::parser::ValueSource;
use clap::{Arg, ArgAction, ArgMatches, Command, CommandFactory};
use toml::de::{DeTable, DeValue};

use super::Cli;

/// The command whose options a file may set; those of others that are called the same are the
/// same.
const COMMAND: &str = "serve";

/// Options that say something else each time, and are none of a file's.
const ASKED_EACH_TIME: [&str; 4] = ["help", "version", "config", "print_config"];

/// What a file sets and nothing stronger does.
#[derive(Debug, Default)]
pub(super) struct ConfigFile {
    path: PathBuf,
    settings: Vec<Setting>,
}

/// One line of it.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Setting {
    /// The option's identifier.
    id: String,
    /// The option as the command line has it, without the dashes.
    long: String,
    line: usize,
    values: Vec<String>,
    /// Whether it is there or not, without a value.
    is_flag: bool,
}

/// What the process was started with, the file included.
pub(super) struct Read {
    pub(super) matches: ArgMatches,
    file: Option<ConfigFile>,
}

/// Reads the command line, the environment and the file that either names.
///
/// # Errors
/// If the file cannot be read or says something that no option is.
pub(super) fn read(arguments: Vec<OsString>) -> anyhow::Result<Result<Read, clap::Error>> {
    let first = Cli::command().ignore_errors(true);
    let first = first.try_get_matches_from(&arguments);
    // Help, most likely.
    let Ok(first) = first else {
        return Ok(parse(arguments, None));
    };
    let Some(path) = first.get_one::<PathBuf>("config") else {
        return Ok(parse(arguments, None));
    };
    let mut file = ConfigFile::read(path, &Cli::command())?;
    file.keep_what_holds(&first);
    let arguments = file.add_to(arguments);
    Ok(parse(arguments, Some(file)))
}

fn parse(arguments: Vec<OsString>, file: Option<ConfigFile>) -> Result<Read, clap::Error> {
    match Cli::command().try_get_matches_from(arguments) {
        Ok(matches) => Ok(Read { matches, file }),
        Err(error) => Err(match &file {
            Some(file) => file.explain(error),
            None => error,
        }),
    }
}

/// The options that a file may set, and the environment, and the command line.
pub(super) fn options(cli: &Command) -> Vec<&Arg> {
    let serve = cli.find_subcommand(COMMAND).expect("it is a command");
    let all = cli.get_arguments().chain(serve.get_arguments());
    all.filter(|arg| arg.get_long().is_some())
        .filter(|arg| !ASKED_EACH_TIME.contains(&arg.get_id().as_str()))
        .collect()
}

/// What an option is called in a file.
fn key(arg: &Arg) -> String {
    arg.get_long().unwrap_or_default().replace('-', "_")
}

impl ConfigFile {
    fn read(path: &Path, cli: &Command) -> anyhow::Result<Self> {
        let text = fs::read_to_string(path);
        let text = text.with_context(|| format!("cannot read {}", path.display()))?;
        let settings = settings(&text, &options(cli));
        let settings = settings.map_err(|Fault { line, message }| {
            anyhow::anyhow!("{}, line {line}: {message}", path.display())
        })?;
        Ok(Self {
            path: path.to_owned(),
            settings,
        })
    }

    /// Leaves out what the environment or the command line says too, and what the command that is
    /// asked for does not know.
    fn keep_what_holds(&mut self, first: &ArgMatches) {
        let cli = Cli::command();
        let Some((name, matches)) = first.subcommand() else {
            self.settings.clear();
            return;
        };
        let command = cli.find_subcommand(name).expect("it was found");
        let known: Vec<&str> = (cli.get_arguments())
            .chain(command.get_arguments())
            .map(|arg| arg.get_id().as_str())
            .collect();
        let is_said = |id: &str| {
            let of = |matches: &ArgMatches| {
                let known = matches.try_contains_id(id).is_ok();
                known.then(|| matches.value_source(id)).flatten()
            };
            let said = [of(first), of(matches)];
            let is_said = |source: &Option<ValueSource>| {
                matches!(
                    source,
                    Some(ValueSource::CommandLine | ValueSource::EnvVariable)
                )
            };
            said.iter().any(is_said)
        };
        self.settings
            .retain(|setting| known.contains(&setting.id.as_str()) && !is_said(&setting.id));
    }

    /// The arguments with what the file sets.
    fn add_to(&self, mut arguments: Vec<OsString>) -> Vec<OsString> {
        let mut added = Vec::new();
        for setting in &self.settings {
            if setting.is_flag {
                let is_on = setting.values.iter().any(|value| value == "true");
                added.extend(is_on.then(|| format!("--{}", setting.long).into()));
                continue;
            }
            for value in &setting.values {
                added.push(format!("--{}={value}", setting.long).into());
            }
        }
        let end = arguments.iter().position(|argument| argument == "--");
        let end = end.unwrap_or(arguments.len());
        arguments.splice(end..end, added);
        arguments
    }

    /// The line that sets an option.
    fn line_of(&self, id: &str) -> Option<usize> {
        let found = self.settings.iter().find(|setting| setting.id == id);
        found.map(|setting| setting.line)
    }

    /// Says where a value stands that an option does not take.
    fn explain(&self, mut error: clap::Error) -> clap::Error {
        let Some(ContextValue::String(option)) = error.get(ContextKind::InvalidArg) else {
            return error;
        };
        let long = option.trim_start_matches('-');
        let long = long.split([' ', '=']).next().unwrap_or_default();
        let found = self.settings.iter().find(|setting| setting.long == long);
        if let Some(setting) = found {
            let place = format!(
                "it is set in {}, line {}",
                self.path.display(),
                setting.line
            );
            let place = ContextValue::StyledStrs(vec![place.into()]);
            error.insert(ContextKind::Suggested, place);
        }
        error
    }
}

/// What is wrong with a file, and where.
#[derive(Debug, PartialEq, Eq)]
struct Fault {
    line: usize,
    message: String,
}

fn settings(text: &str, options: &[&Arg]) -> Result<Vec<Setting>, Fault> {
    let line = |span: Range<usize>| {
        let before = text.get(..span.start).unwrap_or(text);
        before.matches('\n').count() + 1
    };
    let table = DeTable::parse(text).map_err(|error| Fault {
        line: line(error.span().unwrap_or_default()),
        message: error.message().to_owned(),
    })?;
    let mut settings = Vec::new();
    for (name, value) in table.get_ref() {
        let at = line(name.span());
        let fault = |message: String| Fault { line: at, message };
        let name = name.get_ref();
        let arg = options.iter().find(|arg| key(arg) == **name);
        let arg = arg.ok_or_else(|| fault(format!("there is no option `{name}`")))?;
        let is_flag = matches!(arg.get_action(), ArgAction::SetTrue);
        let takes_many = matches!(arg.get_action(), ArgAction::Append);
        let values = match value.get_ref() {
            DeValue::Boolean(is_on) if is_flag => vec![is_on.to_string()],
            _ if is_flag => return Err(fault(format!("`{name}` is true or false"))),
            DeValue::Array(many) if takes_many => {
                let many = many.iter().map(|value| scalar(value.get_ref()));
                let many: Option<Vec<String>> = many.collect();
                many.ok_or_else(|| fault(format!("`{name}` is a list of texts")))?
            }
            one => {
                let what = if takes_many {
                    "a list of texts"
                } else {
                    "a text or a number"
                };
                vec![scalar(one).ok_or_else(|| fault(format!("`{name}` is {what}")))?]
            }
        };
        settings.push(Setting {
            id: arg.get_id().to_string(),
            long: arg.get_long().unwrap_or_default().to_owned(),
            line: at,
            values,
            is_flag,
        });
    }
    settings.sort_by_key(|setting| setting.line);
    Ok(settings)
}

fn scalar(value: &DeValue<'_>) -> Option<String> {
    match value {
        DeValue::String(text) => Some(text.to_string()),
        DeValue::Integer(number) => Some(number.as_str().to_owned()),
        DeValue::Float(number) => Some(number.as_str().to_owned()),
        DeValue::Boolean(_) | DeValue::Datetime(_) | DeValue::Array(_) | DeValue::Table(_) => None,
    }
}

impl Read {
    /// What holds, one option a line, and where that comes from. Secrets are not shown.
    pub(super) fn describe(&self) -> String {
        let cli = Cli::command();
        let matches = self.matches.subcommand_matches(COMMAND);
        let mut text = String::new();
        for arg in options(&cli) {
            let id = arg.get_id().as_str();
            let of = |matches: &ArgMatches| {
                let known = matches.try_contains_id(id).is_ok();
                let source = known.then(|| matches.value_source(id)).flatten();
                let raw = source.and_then(|_| matches.get_raw(id));
                let values = raw.into_iter().flatten();
                let values = values.map(|value| value.to_string_lossy().into_owned());
                source.map(|source| (source, values.collect::<Vec<_>>()))
            };
            let found = matches.and_then(of).or_else(|| of(&self.matches));
            let key = key(arg);
            let Some((source, values)) = found else {
                writeln!(text, "# {key} is not set").expect("a text takes everything");
                continue;
            };
            let from = self.source(arg, source);
            let value = value(arg, &values);
            writeln!(text, "{key} = {value}  # {from}").expect("a text takes everything");
        }
        text
    }

    /// Where the value of an option comes from.
    fn source(&self, arg: &Arg, source: ValueSource) -> String {
        let file = self.file.as_ref();
        let line = file.and_then(|file| Some((file, file.line_of(arg.get_id().as_str())?)));
        match (line, source) {
            (Some((file, line)), _) => format!("{}, line {line}", file.path.display()),
            (None, ValueSource::EnvVariable) => {
                let name = arg.get_env().unwrap_or_default();
                name.to_string_lossy().into_owned()
            }
            (None, ValueSource::CommandLine) => "command line".to_owned(),
            (None, _) => "default".to_owned(),
        }
    }
}

/// A value as the file would have it.
fn value(arg: &Arg, values: &[String]) -> String {
    if arg.is_hide_env_values_set() {
        return "\"…\"".to_owned();
    }
    let quoted = |text: &String| toml::Value::String(text.clone()).to_string();
    match arg.get_action() {
        ArgAction::SetTrue => values.first().cloned().unwrap_or_default(),
        ArgAction::Append => {
            let values: Vec<String> = values.iter().map(quoted).collect();
            format!("[{}]", values.join(", "))
        }
        _ => values.first().map(quoted).unwrap_or_default(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str) -> Result<Vec<Setting>, Fault> {
        let cli = Cli::command();
        settings(text, &options(&cli))
    }

    #[test]
    fn a_key_that_is_no_option_is_refused_with_its_line() {
        let fault = check("listen = \"127.0.0.1:1\"\n\nlisten_at = 1\n").unwrap_err();
        assert_eq!(fault.line, 3);
        assert!(fault.message.contains("`listen_at`"), "{}", fault.message);
        assert_eq!(check("offline = true\nlisten = [").unwrap_err().line, 2);
        assert_eq!(check("offline = 1").unwrap_err().line, 1);
        assert_eq!(check("listen = { port = 1 }").unwrap_err().line, 1);
        assert_eq!(check("help = true").unwrap_err().line, 1);
        assert_eq!(check("config = \"x\"").unwrap_err().line, 1);
    }

    #[test]
    fn the_command_line_comes_before_the_environment_and_both_before_the_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("botscope.toml");
        let text = "listen = \"127.0.0.1:1\"\ndrain_grace = 7\noffline = true\n\
                    proxy = [\"10.0.0.0/8\", \"192.0.2.1\"]\nlog_format = \"json\"\n\
                    data = \"/var/lib/botscope\"\nallow_http = false\n";
        fs::write(&path, text).unwrap();
        let read = |more: &[&str]| {
            let mut arguments = vec!["botscope".to_owned(), more[0].to_owned()];
            arguments.push(format!("--config={}", path.display()));
            arguments.extend(more[1..].iter().map(ToString::to_string));
            let arguments = arguments.into_iter().map(OsString::from).collect();
            super::read(arguments).unwrap()
        };
        let serve = read(&["serve", "--drain-grace", "9"]).ok().unwrap();
        let told = serve.describe();
        let file = path.display();
        for line in [
            format!("listen = \"127.0.0.1:1\"  # {file}, line 1\n"),
            "drain_grace = \"9\"  # command line\n".to_owned(),
            format!("offline = true  # {file}, line 3\n"),
            format!("proxy = [\"10.0.0.0/8\", \"192.0.2.1\"]  # {file}, line 4\n"),
            format!("log_format = \"json\"  # {file}, line 5\n"),
            format!("data = \"/var/lib/botscope\"  # {file}, line 6\n"),
            format!("allow_http = false  # {file}, line 7\n"),
            "# smtp is not set\n".to_owned(),
            "ingest_memory = \"48\"  # default\n".to_owned(),
        ] {
            assert!(told.contains(&line), "{line}\n{told}");
        }
        // Other commands take what they know of it.
        let sources = read(&["sources"]).ok().unwrap();
        let (_, of_sources) = sources.matches.subcommand().unwrap();
        let data = of_sources.get_one::<PathBuf>("data").unwrap();
        assert_eq!(data, Path::new("/var/lib/botscope"));
    }

    #[test]
    fn a_value_that_an_option_does_not_take_is_said_with_its_line() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("botscope.toml");
        fs::write(&path, "\nlisten = \"nowhere\"\n").unwrap();
        let arguments = ["botscope", "serve", "--config", path.to_str().unwrap()];
        let arguments = arguments.iter().map(OsString::from).collect();
        let error = super::read(arguments).unwrap().err().unwrap();
        let error = error.to_string();
        assert!(
            error.contains("nowhere") && error.contains("line 2"),
            "{error}"
        );
    }

    #[test]
    fn the_document_says_every_option_of_the_server_and_its_three_names() {
        let cli = Cli::command();
        let mut table = String::from(
            "| in the file | environment | option | unless told otherwise | |\n|---|---|---|---|---|\n",
        );
        for arg in options(&cli) {
            let env = arg.get_env().map(|env| env.to_string_lossy().into_owned());
            let env = env.unwrap_or_else(|| panic!("{} has no variable", arg.get_id()));
            let defaults = arg.get_default_values().iter();
            let defaults: Vec<_> = defaults.map(|it| it.to_string_lossy()).collect();
            let default = match (arg.get_action(), defaults.join(" ").as_str()) {
                (_, "") | (ArgAction::SetTrue, _) => String::new(),
                (_, default) => format!("`{default}`"),
            };
            let long = arg.get_long().unwrap();
            let help = arg.get_help().map(ToString::to_string).unwrap_or_default();
            let help = help.replace('\n', " ").replace('|', "\\|");
            let key = key(arg);
            table += &format!("| `{key}` | `{env}` | `--{long}` | {default} | {help} |\n");
        }
        let document = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/configuration.md");
        let document = fs::read_to_string(document).unwrap();
        assert!(document.contains(&table), "docs/configuration.md:\n{table}");
    }

    #[test]
    fn what_is_secret_is_not_shown() {
        let cli = Cli::command();
        let options = options(&cli);
        for secret in ["store", "smtp"] {
            let arg = options.iter().find(|arg| arg.get_id() == secret).unwrap();
            let shown = value(arg, &["smtp://a:secret@b".to_owned()]);
            assert_eq!(shown, "\"…\"", "{secret}");
        }
    }
}
