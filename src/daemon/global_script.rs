//! `startup_script` and `shutdown_script`: what runs before the worker and after it.

use std::time::Duration;

use nix::sys::signal::Signal;
use tracing::{error, info, warn};

use crate::config::model::TimedCommand;
use crate::script::{Clearances, Leader};

/// Time from SIGTERM to SIGKILL for a script that takes too long.
const GRACE: Duration = Duration::from_secs(2);

/// Runs the script and waits for its end, for as long as it may take. Whatever comes of it, the daemon goes on.
pub(super) async fn run(keyword: &str, script: &TimedCommand, clearances: &mut Clearances) {
    let words = script.command.argv.iter().skip(1).map(String::as_str);
    let Ok(clearance) = clearances.get(&script.command) else { return };
    info!("Running {keyword} {}", clearance.program.display());
    let mut leader = match Leader::start(clearance, words) {
        Ok(leader) => leader,
        Err(error) => return error!("{keyword} could not be started: {error}"),
    };
    let group = leader.group();
    for (patience, signal) in [(script.timeout, Signal::SIGTERM), (GRACE, Signal::SIGKILL)] {
        match tokio::time::timeout(patience, leader.ended()).await {
            Ok(Ok(status)) if status.success() => return info!("{keyword} succeeded"),
            Ok(Ok(status)) => return warn!("{keyword} failed: {status}"),
            Ok(Err(error)) => return warn!("{keyword}: {error}"),
            Err(_) => warn!("{keyword} runs for more than {} s; ending it", patience.as_secs()),
        }
        group.end(signal);
    }
    // Nothing survives the last signal.
    drop(leader.ended().await);
}
