//! How the state of interfaces is found out: delays that must fit to the instances, and who is polled.

use crate::config::fault::Fault;
use crate::config::keyword::{Context, Placed};
use crate::config::model::{Linkbeat, UpDownDelay, VrrpInstance};
use crate::config::source::Place;
use crate::units::IfName;

/// Cuts delays that are longer than an instance on that interface may be silent.
pub(super) fn delays(
    delays: Vec<Placed<UpDownDelay>>,
    instances: &[VrrpInstance],
    context: &mut Context<'_>,
) -> Vec<UpDownDelay> {
    let mut cut = Vec::with_capacity(delays.len());
    for Placed { value: mut delay, place } in delays {
        let name = delay.name.clone();
        for instance in instances.iter().filter(|one| one.interface.as_ref() == Some(&name)) {
            if fit(&mut delay, instance) {
                remark(place, &instance.name, context);
            }
        }
        cut.push(delay);
    }
    cut
}

/// Whether the delay was too long: a backup elsewhere would have taken over before it has passed.
fn fit(delay: &mut UpDownDelay, instance: &VrrpInstance) -> bool {
    let interval = instance.advert_interval.duration();
    let silent = interval * u32::from(instance.down_timer_adverts.saturating_sub(1));
    if delay.down <= silent && (delay.up <= silent || delay.up != delay.down) {
        return false;
    }
    let longest = silent.saturating_sub(interval / 256);
    if instance.down_timer_adverts == 1 || delay.up == delay.down {
        delay.up = delay.up.min(longest);
    }
    delay.down = delay.down.min(longest);
    true
}

fn remark(place: Place, instance: &str, context: &mut Context<'_>) {
    let what = format!("is shortened: `{instance}` may not be silent for so long");
    context.problems.add(place, Fault::Remark { keyword: "interface_up_down_delays", what });
}

/// Everybody whose state is asked for each second: those that are named, and the interfaces of instances.
pub(super) fn linkbeats(
    mut named: Vec<(IfName, Linkbeat)>,
    polled: impl Iterator<Item = IfName>,
) -> Vec<(IfName, Linkbeat)> {
    for name in polled {
        if !named.iter().any(|(known, _)| *known == name) {
            named.push((name, Linkbeat::Any));
        }
    }
    named
}
