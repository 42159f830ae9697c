//! What is refused and what is not: as it is written, and as it resolves.

use std::sync::atomic::{AtomicUsize, Ordering};

use super::*;

fn strict() -> Guard {
    Guard { allow: vec![], ports: PORTS_DEFAULT.to_vec() }
}

/// What the operator of an installation may have written.
fn inside() -> Guard {
    let allow = vec!["10.1.2.0/24".parse().unwrap(), "fd12:3456::/32".parse().unwrap()];
    Guard { allow, ports: PORTS_DEFAULT.to_vec() }
}

/// Hosts that mean this machine, its network, a cloud's innards, or nobody, in every spelling that
/// a reader of addresses understands.
const HOSTS: &[&str] = &[
    // Loopback: in full, short, decimal, octal, hex, mixed, with dots and zeros, in other digits.
    "127.0.0.1",
    "127.0.0.2",
    "127.1",
    "127.0.1",
    "127.255.255.254",
    "127.127.127.127",
    "2130706433",
    "2130706434",
    "0x7f000001",
    "0x7F000001",
    "0x7f.0.0.1",
    "0x7f.1",
    "0x7f.0x0.0x1",
    "0x7f.0x0.0x0.0x1",
    "0177.0.0.1",
    "0177.1",
    "0177.0.0.01",
    "00177.0.0.1",
    "017700000001",
    "0177.0x0.0.1",
    "127.0x1",
    "127.0.0.1.",
    "127.1.",
    "127.000.000.001",
    "0x7f.0.0.0x1",
    "127.0.0.0x1",
    "0x7f000001.",
    "%31%32%37.0.0.1",
    "127%2e0.0.1",
    "127。0。0。1",
    "１２７.０.０.１",
    "①②⑦.0.0.1",
    "１27.1",
    "127.0.0．1",
    "127｡0｡0｡1",
    // This network.
    "0.0.0.0",
    "0",
    "0x0",
    "00",
    "0.0",
    "0.0.0",
    "0.1",
    "0.1.2.3",
    "0.255.255.255",
    "0x0.0x0",
    // Private networks.
    "10.0.0.1",
    "10.255.255.255",
    "10.1",
    "0xa.0.0.1",
    "012.0.0.1",
    "167772161",
    "0x0a000001",
    "172.16.0.1",
    "172.31.255.255",
    "172.20.1.2",
    "0xac100001",
    "2886729729",
    "0254.020.0.1",
    "192.168.0.1",
    "192.168.1.1",
    "192.168.255.255",
    "192.168.257",
    "0xc0a80001",
    "3232235521",
    "0300.0250.0.1",
    "0xc0.0xa8.0.1",
    "192.168.0x1.1",
    "10.1.2.3",
    // Carriers' shared addresses.
    "100.64.0.1",
    "100.100.100.200",
    "100.127.255.255",
    "0x64400001",
    "1681915905",
    // Link local and the metadata of clouds.
    "169.254.169.254",
    "169.254.0.1",
    "169.254.170.2",
    "2852039166",
    "0xa9fea9fe",
    "0xa9.0xfe.43518",
    "0251.0376.0251.0376",
    "169.254.43518",
    "025177524776",
    "169.16689662",
    "192.0.0.192",
    "168.63.129.16",
    "0xa83f8110",
    // Assigned to protocols, documentation, benchmarks, relays.
    "192.0.0.1",
    "192.0.0.8",
    "192.0.0.170",
    "192.0.2.1",
    "198.51.100.7",
    "203.0.113.255",
    "192.88.99.1",
    "198.18.0.1",
    "198.19.255.255",
    "192.31.196.1",
    "192.52.193.1",
    "192.175.48.1",
    // Multicast, reserved, broadcast.
    "224.0.0.1",
    "224.0.0.251",
    "239.255.255.250",
    "239.1.2.3",
    "240.0.0.1",
    "250.1.1.1",
    "255.255.255.254",
    "255.255.255.255",
    "4294967295",
    "0xffffffff",
    "037777777777",
    "0xe0000001",
    // The same in IPv6: loopback and nobody.
    "[::1]",
    "[0:0:0:0:0:0:0:1]",
    "[0000:0000:0000:0000:0000:0000:0000:0001]",
    "[::0001]",
    "[::]",
    "[0::0]",
    "[::2]",
    "[::ffff]",
    // An IPv4 address within: mapped, compatible, translated.
    "[::ffff:127.0.0.1]",
    "[::ffff:7f00:1]",
    "[::FFFF:7F00:0001]",
    "[0:0:0:0:0:ffff:7f00:1]",
    "[::ffff:10.0.0.1]",
    "[::ffff:169.254.169.254]",
    "[::ffff:a9fe:a9fe]",
    "[::ffff:192.168.0.1]",
    "[::ffff:8.8.8.8]",
    "[::ffff:0:127.0.0.1]",
    "[::127.0.0.1]",
    "[::7f00:1]",
    "[::10.0.0.1]",
    "[::8.8.8.8]",
    "[64:ff9b::127.0.0.1]",
    "[64:ff9b::7f00:1]",
    "[64:ff9b::10.0.0.1]",
    "[64:ff9b::169.254.169.254]",
    "[64:ff9b::8.8.8.8]",
    "[64:ff9b:1::10.0.0.1]",
    "[64:ff9b:1:ffff::7f00:1]",
    "[2002:7f00:1::]",
    "[2002:7f00:1::1]",
    "[2002:a00:1::1]",
    "[2002:a9fe:a9fe::1]",
    "[2002:c0a8:1::]",
    "[2002:808:808::1]",
    "[2001::1]",
    "[2001:0:7f00:1::]",
    "[2001:0:53aa:64c:0:fbff:a9fe:a9fe]",
    "[2001:10::1]",
    "[2001:20::1]",
    // Unique local, link local, site local.
    "[fc00::1]",
    "[fd00::1]",
    "[fd00:ec2::254]",
    "[fd12:3456:789a::1]",
    "[fdff:ffff::1]",
    "[fe80::1]",
    "[fe80::a9fe:a9fe]",
    "[febf::1]",
    "[fec0::1]",
    "[feff::1]",
    "[fd20:ce::254]",
    // Multicast, documentation, discard, segments, what is not assigned.
    "[ff02::1]",
    "[ff02::fb]",
    "[ff05::2]",
    "[ff0e::1]",
    "[2001:db8::1]",
    "[2001:db8:ffff::1]",
    "[3fff::1]",
    "[3fff:fff::1]",
    "[100::1]",
    "[100:0:0:1::1]",
    "[5f00::1]",
    "[4000::1]",
    "[8000::1]",
    "[e000::1]",
    "[1::1]",
    "[200::1]",
    "[2620:4f:8000::1]",
    // Names of this machine, of its network, of nobody.
    "localhost",
    "LOCALHOST",
    "LocalHost",
    "localhost.",
    "a.localhost",
    "a.b.localhost.",
    "localhost.localdomain",
    "printer.local",
    "db.internal",
    "metadata.google.internal",
    "METADATA.GOOGLE.INTERNAL.",
    "metadata",
    "metadata.",
    "instance-data",
    "intranet",
    "router.lan",
    "nas.home",
    "x.home.arpa",
    "dc.corp",
    "wiki.intranet",
    "kubernetes",
    "db",
    "host",
    "x.onion",
    "a.test",
    "y.alt",
    "ｌocalhost",
    "loc%61lhost",
    "postgres",
    "redis.",
    "ip6-localhost",
    "ip6-loopback",
    "kubernetes.default.svc.cluster.local",
    "host.docker.internal",
];

/// Whole addresses that are refused whatever their host is.
const ADDRESSES: &[&str] = &[
    "",
    "/",
    "hook",
    "//example.org/hook",
    "example.org",
    "https",
    "https:",
    "https://",
    "https:///",
    "http://example.org/hook",
    "http://93.184.216.34/",
    "http://[2606:4700::1111]/",
    "ftp://example.org/",
    "file:///etc/passwd",
    "gopher://example.org/",
    "ws://example.org/",
    "wss://example.org/",
    "data:text/plain,x",
    "javascript:alert(1)",
    "ldap://example.org/",
    "dict://example.org:2628/",
    "unix:///run/docker.sock",
    "https://user@example.org/",
    "https://user:pw@example.org/",
    "https://:pw@example.org/",
    "https://example.org@10.0.0.1/",
    "https://example.org:22/",
    "https://example.org:25/",
    "https://example.org:80/",
    "https://example.org:5432/",
    "https://example.org:6379/",
    "https://example.org:8080/",
    "https://example.org:2375/",
    "https://example.org:0/",
    "https://example.org:65536/",
    "https://example.org:9200/",
    "https://exa mple.org/",
    "https://[::1/",
    "https://[]/",
    "https://256.256.256.256/",
    "https://1.2.3.4.5/",
    "https://0x100000000/",
    "https://4294967296/",
    "https://[fe80::1%25eth0]/",
    "https://127.0.0.1\\@example.org/",
    "https:\\\\127.0.0.1\\x",
    "https:/10.0.0.1/x",
    "https:10.0.0.1",
    " https://127.0.0.1/ ",
    "\thttps://127.0.0.1/",
    "ht\ntps://127.0.0.1/",
    "https://127.0.0.1\t/",
];

#[test]
fn t32_over_200_targets_inside_are_refused() {
    let guard = strict();
    let mut refused = 0;
    for host in HOSTS {
        for address in [format!("https://{host}/hook"), format!("https://{host}:8443/")] {
            let said = guard.check(&address);
            assert!(said.is_err(), "{address} is let through as {said:?}");
        }
        assert!(guard.check(&format!("http://{host}/hook")).is_err());
        refused += 1;
    }
    for address in ADDRESSES {
        let said = guard.check(address);
        assert!(said.is_err(), "{address:?} is let through as {said:?}");
        refused += 1;
    }
    assert!(refused >= 200, "{refused} targets");
    let long = format!("https://example.org/{}", "x".repeat(URL_MAX_BYTES));
    assert_eq!(guard.check(&long), Err(Refused::Url));
}

#[test]
fn what_is_public_is_let_through() {
    let guard = strict();
    for address in [
        "https://example.org/hook",
        "https://example.org:443/hook?key=1#part",
        "https://example.org:8443/",
        "HTTPS://EXAMPLE.ORG./",
        "https://hooks.slack.com/services/T0/B0/x",
        "https://xn--bcher-kva.example/",
        "https://bücher.example/",
        "https://local.example.org/",
        "https://internal-tools.example/",
        "https://localhost.example.org/",
    ] {
        assert!(guard.check(address).is_ok(), "{address}: {:?}", guard.check(address));
    }
    for host in [
        "8.8.8.8",
        "1.1.1.1",
        "93.184.216.34",
        "100.63.255.255",
        "100.128.0.1",
        "172.15.255.255",
        "172.32.0.1",
        "192.167.1.1",
        "192.169.1.1",
        "169.253.1.1",
        "169.255.1.1",
        "198.17.1.1",
        "198.20.1.1",
        "223.255.255.255",
        "11.0.0.1",
        "9.255.255.255",
        "126.1.1.1",
        "128.0.0.1",
        "192.0.1.1",
        "203.0.112.1",
        "0x08080808",
        "134744072",
        "[2606:4700::1111]",
        "[2a00:1450::1]",
        "[2001:200::1]",
        "[2001:4860:4860::8888]",
        "[2400:cb00::1]",
        "[3ffe::1]",
    ] {
        let address = format!("https://{host}/");
        assert!(guard.check(&address).is_ok(), "{address}: {:?}", guard.check(&address));
    }
}

#[test]
fn what_the_operator_allows_is_reached_at_any_port_and_by_http() {
    let guard = inside();
    for address in ["http://10.1.2.3:8080/", "https://10.1.2.3/", "http://[fd12:3456::7]:80/x"] {
        assert!(guard.check(address).is_ok(), "{address}");
    }
    for address in
        ["http://10.1.3.3:8080/", "https://10.1.3.3/", "http://127.0.0.1/", "http://8.8.8.8/"]
    {
        assert!(guard.check(address).is_err(), "{address}");
    }
    // A name may lead there; where it does lead is seen when it is reached.
    assert!(guard.check("https://receiver.internal/").is_ok());
    assert_eq!(guard.check("https://receiver.internal:8080/"), Err(Refused::Port(8080)));
}

/// A lookup that says what a test says.
fn leading(to: &'static [&'static str]) -> Arc<Lookup> {
    Arc::new(move |_| {
        let found: Vec<_> = to.iter().map(|ip| SocketAddr::new(ip.parse().unwrap(), 0)).collect();
        Box::pin(async move { Ok(found) })
    })
}

async fn resolved(guard: Guard, url: &str, to: &'static [&'static str]) -> Result<usize, String> {
    let url = Url::parse(url).unwrap();
    let resolver = Resolver::with(&Arc::new(guard), &url, leading(to));
    let found = resolver.resolve("example.org".parse().unwrap()).await;
    found.map(Iterator::count).map_err(|error| error.to_string())
}

#[tokio::test]
async fn a_name_that_leads_inside_is_refused_when_it_is_reached() {
    let https = "https://example.org/";
    for inner in [
        &["127.0.0.1"] as &[&str],
        &["10.0.0.1", "192.168.0.1"],
        &["169.254.169.254"],
        &["::1"],
        &["::ffff:10.0.0.1"],
        &["64:ff9b::a00:1", "fd00::1"],
    ] {
        let inner: &'static [&'static str] = Box::leak(inner.to_vec().into_boxed_slice());
        let said = resolved(strict(), https, inner).await.unwrap_err();
        assert!(said.contains("only the public internet"), "{inner:?}: {said}");
    }
    assert_eq!(
        resolved(strict(), https, &["10.0.0.1", "8.8.8.8"]).await,
        Ok(1),
        "the rest is left"
    );
    assert!(resolved(strict(), https, &[]).await.unwrap_err().contains("does not resolve"));
    assert_eq!(resolved(inside(), https, &["10.1.2.3"]).await, Ok(1));
    let http = "http://example.org/";
    assert_eq!(resolved(inside(), http, &["10.1.2.3", "8.8.8.8"]).await, Ok(1), "not unencrypted");
    assert!(resolved(inside(), http, &["8.8.8.8"]).await.unwrap_err().contains("only https"));
}

#[tokio::test]
async fn a_lookup_that_fails_is_no_way_through() {
    let url = Url::parse("https://example.org/").unwrap();
    let failing: Arc<Lookup> =
        Arc::new(|_| Box::pin(async { Err(io::Error::other("the resolver is down")) }));
    let resolver = Resolver::with(&Arc::new(strict()), &url, failing);
    let said = resolver.resolve("example.org".parse().unwrap()).await.err().unwrap();
    assert!(said.to_string().contains("does not resolve"), "{said}");
    // The system's own lookup of this machine's own name.
    let system = Resolver::of(&Arc::new(strict()), &url);
    assert!(system.resolve("localhost".parse().unwrap()).await.is_err());
}

/// DNS rebinding: the name led to the public when it was looked at first, and leads inside now.
#[tokio::test]
async fn t32_a_name_that_is_turned_around_is_refused_by_the_client_itself() {
    use crate::chain::transport::{Http, Request, Transport};
    crate::install_crypto();
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let asked = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&asked);
    let turning: Arc<Lookup> = Arc::new(move |_| {
        count.fetch_add(1, Ordering::SeqCst);
        Box::pin(async { Ok(vec![SocketAddr::from(([127, 0, 0, 1], 0))]) })
    });
    let guard = Guard { ports: vec![port], ..strict() };
    let text = format!("https://example.org:{port}/hook");
    let url = guard.check(&text).unwrap();
    let resolver = Arc::new(Resolver::with(&Arc::new(guard), &url, turning));
    let http = Http::guarded(text.into(), super::super::target::manner(), resolver).unwrap();
    let said = http.post(Request::default()).await.unwrap_err();
    assert!(said.0.contains("only the public internet"), "{said}");
    assert_eq!(asked.load(Ordering::SeqCst), 1);
    let knocked = tokio::time::timeout(std::time::Duration::from_millis(1), listener.accept());
    assert!(knocked.await.is_err(), "nobody knocked");
}
