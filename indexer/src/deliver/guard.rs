//! Which addresses may be reached: the public internet, by https. Whoever may make endpoints could
//! otherwise have this machine knock at doors inside its own network (SSRF). Looked at twice: as
//! the address is written, and as its name resolves at the moment of connecting, because a name may
//! lead elsewhere by then. What cannot be told is refused.
//!
//! What is inside and shall be reached is named by the operator, in the configuration file, never
//! by the API.

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::pin::Pin;
use std::sync::Arc;

use ipnet::{IpNet, Ipv4Net, Ipv6Net};
use reqwest::Url;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use url::Host;

/// Longest address, in bytes.
pub const URL_MAX_BYTES: usize = 2_048;
/// Ports that may be reached where the configuration names none.
pub const PORTS_DEFAULT: [u16; 2] = [443, 8443];

/// What IANA's registry of special-purpose IPv4 addresses holds that is not globally reachable
/// (iana.org/assignments/iana-ipv4-special-registry), with multicast, and one address of a cloud's
/// host that looks public.
const SPECIAL_V4: [(Ipv4Addr, u8); 18] = [
    // This network (RFC 791), private use (RFC 1918), shared by carriers (RFC 6598).
    (Ipv4Addr::UNSPECIFIED, 8),
    (Ipv4Addr::new(10, 0, 0, 0), 8),
    (Ipv4Addr::new(100, 64, 0, 0), 10),
    // Loopback (RFC 1122), link local with the metadata of clouds (RFC 3927), private use.
    (Ipv4Addr::new(127, 0, 0, 0), 8),
    (Ipv4Addr::new(169, 254, 0, 0), 16),
    (Ipv4Addr::new(172, 16, 0, 0), 12),
    // Protocol assignments (RFC 6890), documentation (RFC 5737), AS112 (RFC 7535).
    (Ipv4Addr::new(192, 0, 0, 0), 24),
    (Ipv4Addr::new(192, 0, 2, 0), 24),
    (Ipv4Addr::new(192, 31, 196, 0), 24),
    // AMT (RFC 7450), relays of 6to4 (RFC 7526), private use, direct delegation AS112 (RFC 7534).
    (Ipv4Addr::new(192, 52, 193, 0), 24),
    (Ipv4Addr::new(192, 88, 99, 0), 24),
    (Ipv4Addr::new(192, 168, 0, 0), 16),
    (Ipv4Addr::new(192, 175, 48, 0), 24),
    // Benchmarks (RFC 2544), documentation.
    (Ipv4Addr::new(198, 18, 0, 0), 15),
    (Ipv4Addr::new(198, 51, 100, 0), 24),
    (Ipv4Addr::new(203, 0, 113, 0), 24),
    // Multicast (RFC 5771), reserved and broadcast (RFC 1112).
    (Ipv4Addr::new(224, 0, 0, 0), 3),
    // The host of every machine of one cloud (learn.microsoft.com, "What is IP address
    // 168.63.129.16").
    (Ipv4Addr::new(168, 63, 129, 16), 32),
];

/// The only IPv6 addresses that are assigned to the public (RFC 4291): what embeds an IPv4 address
/// as mapped, translated or compatible, link local, unique local and multicast are all outside.
const GLOBAL_V6: (Ipv6Addr, u8) = (Ipv6Addr::new(0x2000, 0, 0, 0, 0, 0, 0, 0), 3);
/// What within them is not globally reachable, or embeds an IPv4 address
/// (iana.org/assignments/iana-ipv6-special-registry).
const SPECIAL_V6: [(Ipv6Addr, u8); 5] = [
    // Protocol assignments, Teredo among them (RFC 2928); documentation (RFC 3849, RFC 9637).
    (Ipv6Addr::new(0x2001, 0, 0, 0, 0, 0, 0, 0), 23),
    (Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 0), 32),
    (Ipv6Addr::new(0x3fff, 0, 0, 0, 0, 0, 0, 0), 20),
    // 6to4 (RFC 3056), direct delegation AS112 (RFC 7534).
    (Ipv6Addr::new(0x2002, 0, 0, 0, 0, 0, 0, 0), 16),
    (Ipv6Addr::new(0x2620, 0x4f, 0x8000, 0, 0, 0, 0, 0), 48),
];

/// Names that mean this machine or this network (RFC 6761, RFC 6762, RFC 8375, RFC 9476, ICANN's
/// `internal`), and such as mean nothing.
const INNER_NAMES: [&str; 12] = [
    "localhost",
    "local",
    "localdomain",
    "internal",
    "intranet",
    "lan",
    "home",
    "corp",
    "home.arpa",
    "alt",
    "onion",
    "test",
];

/// Why an address may not be reached.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum Refused {
    /// It is none.
    #[error("this is no address of the web: write it like https://example.org/hook")]
    Url,
    /// It carries a user name.
    #[error("the address carries a user name or password: leave it out, what is sent is signed")]
    User,
    /// Not encrypted.
    #[error(
        "only https is reached; http only where the configuration file allows the network, under [webhooks] as allow = [\"10.1.2.0/24\"]"
    )]
    Plain,
    /// Another port.
    #[error(
        "port {0} is not reached: the configuration file names the ports that are, under [webhooks] as ports"
    )]
    Port(u16),
    /// It leads to where nothing of the public is.
    #[error(
        "the address leads to this machine, its network, or nowhere: only the public internet is reached, and what the configuration file allows under [webhooks]"
    )]
    Inner,
    /// The name does not resolve.
    #[error("the name of the address does not resolve")]
    Unresolved,
}

/// What the operator allows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Guard {
    /// Networks that are reached although they are not public, by http as well.
    pub allow: Vec<IpNet>,
    /// Ports that are reached.
    pub ports: Vec<u16>,
}

impl Guard {
    /// Looks at an address as it is written.
    ///
    /// # Errors
    /// See [`Refused`].
    pub fn check(&self, text: &str) -> Result<Url, Refused> {
        if text.len() > URL_MAX_BYTES {
            return Err(Refused::Url);
        }
        // Whatever way a number is written, octal, hex or in one piece, is one of four bytes now.
        let url = Url::parse(text).map_err(|_| Refused::Url)?;
        let plain = match url.scheme() {
            "https" => Manners::Encrypted,
            "http" => Manners::Plain,
            _ => return Err(Refused::Url),
        };
        if !url.username().is_empty() || url.password().is_some() {
            return Err(Refused::User);
        }
        let port = url.port_or_known_default().ok_or(Refused::Url)?;
        let address = match url.host().ok_or(Refused::Url)? {
            Host::Ipv4(address) => Some(IpAddr::V4(address)),
            Host::Ipv6(address) => Some(IpAddr::V6(address)),
            Host::Domain(name) => {
                if is_inner(name) && self.allow.is_empty() {
                    return Err(Refused::Inner);
                }
                None
            }
        };
        match address {
            Some(address) if self.allows(address) => return Ok(url),
            Some(address) => self.admits(address, plain)?,
            None if plain == Manners::Plain && self.allow.is_empty() => return Err(Refused::Plain),
            None => {}
        }
        let known = self.ports.contains(&port);
        known.then_some(url).ok_or(Refused::Port(port))
    }

    /// Whether an address may be reached.
    ///
    /// # Errors
    /// See [`Refused`].
    fn admits(&self, address: IpAddr, manners: Manners) -> Result<(), Refused> {
        match (self.allows(address), is_public(address), manners) {
            (true, ..) | (false, true, Manners::Encrypted) => Ok(()),
            (false, false, _) => Err(Refused::Inner),
            (false, true, Manners::Plain) => Err(Refused::Plain),
        }
    }

    fn allows(&self, address: IpAddr) -> bool {
        self.allow.iter().any(|network| network.contains(&address))
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Manners {
    Encrypted,
    Plain,
}

/// Whether a name is one of this machine or network by itself. One without a dot always is.
fn is_inner(name: &str) -> bool {
    let name = name.trim_end_matches('.').to_ascii_lowercase();
    let ends = |inner: &str| {
        name.strip_suffix(inner).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
    };
    !name.contains('.') || INNER_NAMES.into_iter().any(ends)
}

/// Whether an address is one of the public internet.
pub fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => {
            let of = |(network, bits)| Ipv4Net::new_assert(network, bits).contains(&address);
            !SPECIAL_V4.into_iter().any(of)
        }
        IpAddr::V6(address) => {
            let of = |(network, bits)| Ipv6Net::new_assert(network, bits).contains(&address);
            of(GLOBAL_V6) && !SPECIAL_V6.into_iter().any(of)
        }
    }
}

/// What a lookup gives.
type Found = Pin<Box<dyn Future<Output = io::Result<Vec<SocketAddr>>> + Send>>;
/// How a name is looked up.
type Lookup = dyn Fn(String) -> Found + Send + Sync;

/// Looks names up and gives only what may be reached. Every connection asks it.
pub struct Resolver {
    guard: Arc<Guard>,
    manners: Manners,
    lookup: Arc<Lookup>,
}

impl Resolver {
    /// For an address, by the system's own lookup.
    pub fn of(guard: &Arc<Guard>, url: &Url) -> Self {
        let system = |name: String| -> Found {
            Box::pin(async move { Ok(tokio::net::lookup_host((name, 0)).await?.collect()) })
        };
        Self::with(guard, url, Arc::new(system))
    }

    fn with(guard: &Arc<Guard>, url: &Url, lookup: Arc<Lookup>) -> Self {
        let manners = if url.scheme() == "https" { Manners::Encrypted } else { Manners::Plain };
        Self { guard: Arc::clone(guard), manners, lookup }
    }
}

impl Resolve for Resolver {
    fn resolve(&self, name: Name) -> Resolving {
        let (guard, manners) = (Arc::clone(&self.guard), self.manners);
        let found = (self.lookup)(name.as_str().to_owned());
        Box::pin(async move {
            let found = found.await.map_err(|_| Refused::Unresolved)?;
            let mut why = Refused::Unresolved;
            let mut reached = Vec::new();
            for address in found {
                match guard.admits(address.ip(), manners) {
                    Ok(()) => reached.push(address),
                    Err(refused) => why = refused,
                }
            }
            if reached.is_empty() {
                return Err(why.into());
            }
            Ok(Box::new(reached.into_iter()) as Addrs)
        })
    }
}

#[cfg(test)]
#[path = "guard_tests.rs"]
mod tests;
