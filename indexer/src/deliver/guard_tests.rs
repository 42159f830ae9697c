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
fn hosts() -> impl Iterator<Item = &'static str> {
    include_str!("refused_hosts.txt").lines().filter(|line| !line.starts_with('#'))
}

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
    for host in hosts() {
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
