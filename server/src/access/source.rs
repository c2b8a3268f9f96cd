//! Where a request comes from: the other end of its connection.
//!
//! Headers such as `X-Forwarded-For` are not believed: anybody can send them. Behind a proxy every request comes from the
//! proxy, so limits by source are wide, and browsers that are known are not held to them.

use std::net::{IpAddr, Ipv6Addr};

/// An IPv4 address, or the network of an IPv6 address: one machine has all addresses of its network.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Source(IpAddr);

impl From<IpAddr> for Source {
    fn from(address: IpAddr) -> Self {
        /// The bits of an IPv6 address that name its network.
        const NETWORK: u128 = !0 << 64;
        Self(match address.to_canonical() {
            IpAddr::V4(address) => address.into(),
            IpAddr::V6(address) => Ipv6Addr::from(u128::from(address) & NETWORK).into(),
        })
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::Source;

    #[rstest]
    #[case("192.0.2.1", "192.0.2.1", true)]
    #[case("192.0.2.1", "192.0.2.2", false)]
    #[case("192.0.2.1", "::ffff:192.0.2.1", true)]
    #[case("2001:db8:1:2::1", "2001:db8:1:2:ffff::9", true)]
    #[case("2001:db8:1:2::1", "2001:db8:1:3::1", false)]
    fn one_machine_is_one_source(#[case] one: &str, #[case] other: &str, #[case] is_same: bool) {
        let source = |text: &str| Source::from(text.parse::<std::net::IpAddr>().expect("an address"));
        assert_eq!(source(one) == source(other), is_same);
    }
}
