//! The metrics of a route as one attribute.

use rtnetlink::packet_route::route::{RouteAttribute, RouteMetric as Told};

use crate::config::model::{Route, RouteMetric};

/// Number of the congestion control algorithm among the metrics.
const CONGESTION_CONTROL: u32 = 16;

/// `None` for a route without metrics.
pub(super) fn attribute(route: &Route) -> Option<RouteAttribute> {
    let mut told = Vec::new();
    let mut locks = 0;
    if let Some(control) = &route.congestion_control {
        told.push(Told::CcAlgo(control.name.clone()));
        locks |= u32::from(control.locked) << CONGESTION_CONTROL;
    }
    for (kind, metric) in &route.metrics {
        told.push(metric_told(*kind, metric.value));
        locks |= u32::from(metric.locked) << (*kind as u32);
    }
    if locks != 0 {
        told.push(Told::Lock(locks));
    }
    (!told.is_empty()).then_some(RouteAttribute::Metrics(told))
}

fn metric_told(kind: RouteMetric, value: u32) -> Told {
    match kind {
        RouteMetric::Mtu => Told::Mtu(value),
        RouteMetric::Window => Told::Window(value),
        RouteMetric::Rtt => Told::Rtt(value),
        RouteMetric::RttVar => Told::RttVar(value),
        RouteMetric::SsThresh => Told::SsThresh(value),
        RouteMetric::Cwnd => Told::Cwnd(value),
        RouteMetric::AdvMss => Told::Advmss(value),
        RouteMetric::Reordering => Told::Reordering(value),
        RouteMetric::HopLimit => Told::Hoplimit(value),
        RouteMetric::InitCwnd => Told::InitCwnd(value),
        RouteMetric::Features => Told::Features(value),
        RouteMetric::RtoMin => Told::RtoMin(value),
        RouteMetric::InitRwnd => Told::InitRwnd(value),
        RouteMetric::QuickAck => Told::QuickAck(value),
        RouteMetric::FastOpenNoCookie => Told::FastopenNoCookie(value),
    }
}
