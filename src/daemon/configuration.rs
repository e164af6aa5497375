//! The configuration as the daemon reads it: problems go to the log, and a verdict says whether to run it.

use tracing::{error, warn};

use crate::cli::Options;
use crate::config::model::{Model, Place};
use crate::config::{Level, Reading, Request, read};

/// Reads the configuration; nothing is logged yet.
pub(super) fn read_all(options: &Options) -> Reading {
    read(&Request {
        file: &options.file,
        config_id: &options.config_id,
        strict_includes: options.strict_includes,
        level: Level::Host,
        vrrp_only: options.vrrp_only,
        namespace: options.namespace.as_deref(),
    })
}

/// The Model of a reading for a start.
///
/// # Errors
/// The exit status when it cannot be run, judged as keepalived judges a start.
pub(super) fn for_start(reading: Reading, options: &Options) -> Result<Model, u8> {
    log(&reading);
    let model = reading.for_start().map_err(|refusal| {
        error!("the configuration cannot be run: {refusal}");
        refusal.status
    })?;
    Ok(in_place(model, options))
}

/// Reads the configuration for a reload of a daemon that runs at `place`.
///
/// # Errors
/// When it is not usable; why is in the log.
pub(super) fn for_reload(options: &Options, place: &Place) -> Result<Model, ()> {
    let reading = read_all(options);
    log(&reading);
    let model =
        reading.for_reload().map_err(|refusal| error!("the configuration cannot be run: {refusal}"))?;
    if model == Model::default() {
        // Most likely an editor that has emptied the file and not yet written it.
        error!("the configuration is empty");
        return Err(());
    }
    let model = in_place(model, options);
    if model.global.place != *place {
        error!(
            "`net_namespace`, `net_namespace_ipvs`, `instance` and `disable_local_igmp` cannot be changed by a reload"
        );
        return Err(());
    }
    Ok(model)
}

/// `-s` counts more than the file.
pub(super) fn in_place(mut model: Model, options: &Options) -> Model {
    let place = &mut model.global.place;
    place.net_namespace = options.namespace.clone().or(place.net_namespace.take());
    model
}

fn log(reading: &Reading) {
    reading.problems.iter().for_each(|problem| warn!("{problem}"));
}
