//! From where a request comes. What it says of that itself counts only where a reverse proxy of
//! ours says it: anybody can send `X-Forwarded-For`.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use axum::extract::ConnectInfo;
use axum::http::request::Parts;

/// Header in which proxies name whom they ask for.
const FORWARDED: &str = "x-forwarded-for";

/// The address that a request comes from. Of an IPv6 address only the network counts: whoever has
/// one has 2^64 of them.
pub(super) fn address(parts: &Parts, proxies: &[IpAddr]) -> IpAddr {
    let peer = parts.extensions.get::<ConnectInfo<SocketAddr>>();
    let peer = peer.map_or(IpAddr::V4(Ipv4Addr::LOCALHOST), |ConnectInfo(peer)| peer.ip());
    let headers = parts.headers.get_all(FORWARDED);
    let named: Vec<_> = headers.iter().filter_map(|named| named.to_str().ok()).collect();
    network(client(peer.to_canonical(), &named.join(","), proxies))
}

/// Each proxy adds behind what it was told whom it was asked by; the last that is none of ours is
/// who asks.
fn client(peer: IpAddr, named: &str, proxies: &[IpAddr]) -> IpAddr {
    let mut client = peer;
    for named in named.rsplit(',') {
        if !proxies.contains(&client) {
            break;
        }
        match named.trim().parse::<IpAddr>() {
            Ok(address) => client = address.to_canonical(),
            Err(_) => break,
        }
    }
    client
}

const fn network(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(_) => address,
        IpAddr::V6(address) => {
            let [a, b, c, d, ..] = address.segments();
            IpAddr::V6(Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ip(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn t42_only_a_proxy_of_ours_is_believed() {
        let proxies = [ip("10.0.0.1"), ip("10.0.0.2")];
        for (peer, named, expected) in [
            ("192.0.2.1", "", "192.0.2.1"),
            ("192.0.2.1", "203.0.113.9", "192.0.2.1"),
            ("10.0.0.1", "203.0.113.9", "203.0.113.9"),
            ("10.0.0.1", "127.0.0.1, 203.0.113.9", "203.0.113.9"),
            ("10.0.0.1", "127.0.0.1, 203.0.113.9, 10.0.0.2", "203.0.113.9"),
            ("10.0.0.1", "", "10.0.0.1"),
            ("10.0.0.1", "evil", "10.0.0.1"),
        ] {
            assert_eq!(client(ip(peer), named, &proxies), ip(expected), "{peer} {named:?}");
        }
        assert_eq!(client(ip("127.0.0.1"), "10.9.9.9", &[]), ip("127.0.0.1"), "nor this machine");
    }

    #[test]
    fn one_network_is_one_address() {
        assert_eq!(network(ip("2001:db8:1:2:3:4:5:6")), ip("2001:db8:1:2::"));
        assert_eq!(network(ip("192.0.2.1")), ip("192.0.2.1"));
    }
}
