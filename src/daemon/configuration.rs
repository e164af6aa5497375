//! The configuration as the daemon reads it: problems go to the log, and a verdict says whether to run it.

use tracing::{error, warn};

use crate::cli::Options;
use crate::config::model::Model;
use crate::config::{Level, Reading, Request, read};

/// Reads the configuration for a start.
///
/// # Errors
/// The exit status when it cannot be run, judged as keepalived judges a start.
pub(super) fn for_start(options: &Options) -> Result<Model, u8> {
    let reading = read_logged(options);
    reading.for_start().map_err(|refusal| {
        error!("the configuration cannot be run: {refusal}");
        refusal.status
    })
}

/// Reads the configuration for a reload.
///
/// # Errors
/// When it is not usable; why is in the log.
pub(super) fn for_reload(options: &Options) -> Result<Model, ()> {
    let reading = read_logged(options);
    let model =
        reading.for_reload().map_err(|refusal| error!("the configuration cannot be run: {refusal}"))?;
    if model == Model::default() {
        // Most likely an editor that has emptied the file and not yet written it.
        error!("the configuration is empty");
        return Err(());
    }
    Ok(model)
}

fn read_logged(options: &Options) -> Reading {
    let reading = read(&Request {
        file: &options.file,
        config_id: &options.config_id,
        strict_includes: options.strict_includes,
        level: Level::Host,
        vrrp_only: options.vrrp_only,
    });
    for problem in &reading.problems {
        warn!("{problem}");
    }
    reading
}
