//! Ports for servers that are stopped and started again on the same address.

use std::{fs, net::TcpListener, ops::Range};

use anyhow::Context;

/// Where the system takes the ports of outgoing connections from, unless it says otherwise.
const FIRST_OUTGOING: u16 = 32_768;
/// Lower ports belong to well-known services.
const LOWEST: u16 = 10_000;

/// A free port that no outgoing connection is ever given.
///
/// A port that the system hands out by itself may go to somebody else's connection while its server is down; then the
/// server cannot come back to it.
pub fn outside_of_outgoing() -> anyhow::Result<u16> {
    let first = fs::read_to_string("/proc/sys/net/ipv4/ip_local_port_range").ok().and_then(|text| first_of(&text));
    let range = LOWEST..first.unwrap_or(FIRST_OUTGOING).max(LOWEST + 1);
    let is_free = |port: &u16| TcpListener::bind(("127.0.0.1", *port)).is_ok();
    order(range.clone(), std::process::id())
        .find(is_free)
        .with_context(|| format!("no port from {} to {} is free", range.start, range.end - 1))
}

fn first_of(text: &str) -> Option<u16> {
    text.split_whitespace().next()?.parse().ok()
}

/// All ports of a range once, from a place of this process on, so that two processes seldom try the same.
fn order(range: Range<u16>, process: u32) -> impl Iterator<Item = u16> {
    let n = u32::from(range.end - range.start);
    (0..n).map(move |step| {
        let offset = (process.wrapping_mul(7_919) % n + step) % n;
        range.start + u16::try_from(offset).expect("below the length of a range of ports")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_port_of_the_range_is_tried_once() {
        let mut ports: Vec<u16> = order(10_000..10_010, 4_242).collect();
        ports.sort_unstable();
        assert_eq!(ports, (10_000..10_010).collect::<Vec<_>>());
    }

    #[test]
    fn the_kernels_own_range_is_read() {
        assert_eq!(first_of("32768\t60999\n"), Some(32_768));
        assert_eq!(first_of(""), None);
    }
}
