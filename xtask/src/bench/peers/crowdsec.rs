//! CrowdSec without a network: the parsers and scenarios that come with Debian's package, a local
//! database in a folder of its own, and a log that is read as fast as it can.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::Context;

use super::timed;
use crate::process;

const HUB: &str = "/usr/share/crowdsec/hub";
const DATA: &str = "/usr/share/crowdsec/data";
const PARSERS: &[(&str, &str)] = &[
    ("s00-raw", "syslog-logs"),
    ("s01-parse", "apache2-logs"),
    ("s02-enrich", "dateparse-enrich"),
    ("s02-enrich", "http-logs"),
];
/// Scenarios for any web server begin so …
const SCENARIOS: &str = "http-";
/// … but for those for one product.
const OF_PRODUCTS: [&str; 3] = ["magento", "apiscp", "cve"];

pub(super) fn is_installed() -> bool {
    let has_hub = Path::new(HUB).join(".index.json").exists();
    has_hub && process::succeeds(Command::new("crowdsec").arg("-version"))
}

/// The seconds that a log takes, without what starting takes: so much does an empty one.
pub(super) fn measure(log: &Path, folder: &Path) -> anyhow::Result<f64> {
    let folder = folder.join("crowdsec");
    set_up(&folder).context("setting CrowdSec up")?;
    let empty = folder.join("empty.log");
    fs::write(&empty, "\n")?;
    let read = |log: &Path| {
        let mut command = Command::new("crowdsec");
        command.arg("-c").arg(folder.join("config.yaml"));
        command.args(["-type", "apache2", "-dsn"]);
        command.arg(format!("file://{}", log.display()));
        timed(&mut command)
    };
    read(&empty)?;
    let start = read(&empty)?;
    Ok((read(log)? - start).max(1e-3))
}

fn set_up(folder: &Path) -> anyhow::Result<()> {
    for part in ["data", "notifications", "postoverflows", "scenarios"] {
        fs::create_dir_all(folder.join(part))?;
    }
    let hub = Path::new(HUB);
    for (stage, name) in PARSERS {
        let into = folder.join("parsers").join(stage);
        fs::create_dir_all(&into)?;
        let file = format!("{name}.yaml");
        let from = hub.join("parsers").join(stage).join("crowdsecurity");
        std::os::unix::fs::symlink(from.join(&file), into.join(&file))?;
    }
    for scenario in fs::read_dir(hub.join("scenarios/crowdsecurity"))? {
        let path = scenario?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let is_wanted = name.starts_with(SCENARIOS) && name.ends_with(".yaml");
        if is_wanted && !OF_PRODUCTS.iter().any(|product| name.contains(product)) {
            copy_data(&fs::read_to_string(&path)?, &folder.join("data"))?;
            std::os::unix::fs::symlink(&path, folder.join("scenarios").join(&*name))?;
        }
    }
    let patterns = folder.join("patterns");
    std::os::unix::fs::symlink("/etc/crowdsec/patterns", patterns)?;
    fs::write(folder.join("acquis.yaml"), "")?;
    fs::write(folder.join("simulation.yaml"), "simulation: false\n")?;
    fs::write(folder.join("config.yaml"), configuration(folder))?;
    let credentials = folder.join("credentials.yaml");
    let mut machine = Command::new("cscli");
    machine.arg("-c").arg(folder.join("config.yaml"));
    machine.args(["machines", "add", "bench", "--auto", "--force", "-f"]);
    timed(machine.arg(credentials))?;
    Ok(())
}

/// Puts the lists that a scenario names where it looks for them.
fn copy_data(scenario: &str, data: &Path) -> anyhow::Result<()> {
    let mut source = None;
    for line in scenario.lines() {
        let line = line.trim().trim_start_matches("- ");
        if let Some(url) = line.strip_prefix("source_url: ") {
            source = url.rsplit('/').next().map(str::to_owned);
        } else if let Some(wanted) = line.strip_prefix("dest_file: ")
            && let Some(source) = source.take()
        {
            let from = Path::new(DATA).join(source);
            if from.exists() {
                fs::copy(from, data.join(wanted.trim()))?;
            }
        }
    }
    Ok(())
}

fn configuration(folder: &Path) -> String {
    let folder = folder.display();
    format!(
        "common:
  daemonize: false
  log_media: stdout
  log_level: error
config_paths:
  config_dir: {folder}
  data_dir: {folder}/data
  simulation_path: {folder}/simulation.yaml
  hub_dir: {HUB}
  index_path: {HUB}/.index.json
  notification_dir: {folder}/notifications
crowdsec_service:
  acquisition_path: {folder}/acquis.yaml
  parser_routines: 2
db_config:
  type: sqlite
  use_wal: true
  db_path: {folder}/crowdsec.db
api:
  client:
    credentials_path: {folder}/credentials.yaml
  server:
    listen_uri: 127.0.0.1:18484
    profiles_path: /etc/crowdsec/profiles.yaml
prometheus:
  enabled: false
"
    )
}
