//! What is refused, and that it says what to do.

use alloy_primitives::{Address, B256, U256};
use interdict_core::deployment::{Contract, Delays, Parameters, SCHEMA};
use tempfile::TempDir;

use super::*;
use crate::actor::Role;

const GOOD: &str = r#"
chain_id = 31337
rpc_url = "http://127.0.0.1:8545/key"
deployment = "deployment.json"
database = "interdict.sqlite"
bind = "127.0.0.1:0"
[native]
symbol = "ETH"
decimals = 18
dust_below = "0.004"
[[token]]
address = "0xdAC17F958D2ee523a2206206994597C13D831ec7"
symbol = "USDT"
decimals = 6
dust_below = "10"
[webhook]
url = "http://127.0.0.1:9000/hook"
secret_file = "webhook.secret"
"#;

const LIST: &str = r#"
[list]
indexer = "http://127.0.0.1:8710"
genesis_hash = "0x0000000000000000000000000000000000000000000000000000000000000000"
from_block = 7
"#;

fn folder(config: &str) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("deployment.json"), book(31337)).unwrap();
    std::fs::write(folder.path().join("webhook.secret"), "whsec_c2VjcmV0\n").unwrap();
    std::fs::write(folder.path().join("indexer.toml"), config).unwrap();
    folder
}

/// An address book of a chain.
fn book(chain_id: u64) -> String {
    let contract = Contract { address: Address::ZERO, code_hash: B256::ZERO };
    let deployment = Deployment {
        schema: SCHEMA.to_owned(),
        chain_id,
        genesis_hash: B256::ZERO,
        block: 1,
        access_manager: contract,
        seats: contract,
        council: contract,
        signed_act: contract,
        blocklist: contract,
        parameters: Parameters {
            members: vec![],
            guardian: None,
            keeper: None,
            term_seconds: 1,
            holds_per_day: 1000,
            voting_period_seconds: 1,
            vote_quorum_percent: 50,
            signature_quorum_percent: 50,
            delays: Delays::DEFAULT,
        },
    };
    serde_json::to_string(&deployment).unwrap()
}

fn load(config: &str, overrides: Overrides) -> Result<Config, ConfigError> {
    let folder = folder(config);
    Config::load(&folder.path().join("indexer.toml"), overrides)
}

fn refused(from: &str, to: &str) -> String {
    assert!(GOOD.contains(from), "{from}");
    load(&GOOD.replace(from, to), Overrides::default()).unwrap_err().to_string()
}

#[test]
fn a_good_file_is_read_and_its_names_are_relative_to_it() {
    use secrecy::ExposeSecret;
    let folder = folder(GOOD);
    let config = Config::load(&folder.path().join("indexer.toml"), Overrides::default()).unwrap();
    let file = folder.path().join("interdict.sqlite");
    assert!(matches!(&config.database, Place::File(path) if *path == file));
    assert_eq!(config.assets.native.dust_below, U256::from(4_000_000_000_000_000_u64));
    assert_eq!(config.assets.tokens.len(), 1);
    assert_eq!(config.webhook.unwrap().secret.expose_secret(), "whsec_c2VjcmV0");
    assert_eq!(config.poll, Duration::from_secs(1));
    assert_eq!(config.catch_up, Mode::Full, "less than a proof of every block must be asked for");
}

const README: &str = include_str!("../../../README.md");
const DESK: &str = include_str!("../../README.md");

/// A block of TOML that a text shows, from the line on that begins so; what is left open there is
/// filled in, and nothing else is touched.
fn shown(text: &str, begins: &str) -> String {
    let mut blocks = text.split("```toml\n").skip(1).filter_map(|block| block.split("```").next());
    let block = blocks.find(|block| block.starts_with(begins)).unwrap();
    let zero = format!("0x{}", "0".repeat(64));
    let hashes = block.replace("genesis_hash = \"0x…\"", &format!("genesis_hash = \"{zero}\""));
    hashes.replace("0x…", "0xdAC17F958D2ee523a2206206994597C13D831ec7")
}

fn load_shown(text: &str) -> Config {
    let folder = folder(text);
    std::fs::create_dir(folder.path().join("deployments")).unwrap();
    for chain_id in [1, 11_155_111] {
        let name = format!("deployments/{chain_id}.json");
        std::fs::write(folder.path().join(name), book(chain_id)).unwrap();
    }
    for name in ["list.token", "oidc.secret"] {
        std::fs::write(folder.path().join(name), "idx_c2VjcmV0\n").unwrap();
        let owner_only = std::os::unix::fs::PermissionsExt::from_mode(0o600);
        std::fs::set_permissions(folder.path().join(name), owner_only).unwrap();
    }
    Config::load(&folder.path().join("indexer.toml"), Overrides::default()).unwrap()
}

#[test]
fn what_the_readmes_show_is_a_configuration() {
    let config = load_shown(&shown(README, "# indexer.toml"));
    assert_eq!((config.chain_id, config.bind.port()), (11_155_111, 8710));
    assert_eq!((config.assets.tokens.len(), config.webhook.is_some()), (1, false));
    let whole = shown(DESK, "# indexer.toml");
    let config = load_shown(&whole);
    assert_eq!((config.chain_id, config.assets.tokens.len()), (11_155_111, 1));
    assert!(config.webhook.is_some());

    // The list on another chain: what is said here stands in the place of what is said there.
    let other = shown(DESK, "chain_id = 8453");
    let (top, list) = other.split_once("[list]").unwrap();
    let kept = |line: &&str| !line.starts_with("chain_id") && !line.starts_with("deployment");
    let rest: Vec<_> = whole.lines().filter(kept).collect();
    let config = load_shown(&format!("{top}{}\n[list]{list}", rest.join("\n")));
    assert_eq!((config.chain_id, config.abroad.is_some()), (8453, true));

    let config = load_shown(&format!("{whole}\n{}", shown(DESK, "[oidc]")));
    assert!(config.oidc.is_some());
    let port = format!("\"127.0.0.1:{}\"", config.bind.port());
    assert!(include_str!("../../monitoring/README.md").contains(&port), "Prometheus asks {port}");
}

#[test]
fn what_the_readme_shows_is_a_rule() {
    use interdict_core::policy::{DEFAULT, Policy};
    let rule = shown(DESK, "[[rule]]");
    // Before the first rule that it would be hidden by.
    let first = "[[rule]]\nclass = \"direct.outbound.while_listed\"";
    let policy = DEFAULT.replacen(first, &format!("{rule}\n{first}"), 1);
    assert_ne!(policy, DEFAULT);
    Policy::parse(&policy).unwrap();
}

#[test]
fn flags_go_before_the_file() {
    let overrides = Overrides {
        database: Some("other.sqlite".into()),
        database_url: Some("postgres://elsewhere".into()),
        bind: Some("127.0.0.1:9".parse().unwrap()),
        rpc_url: Some("http://other".into()),
        policy: None,
    };
    let config = load(GOOD, overrides).unwrap();
    assert!(matches!(config.database, Place::File(path) if path == Path::new("other.sqlite")));
    assert_eq!(config.bind.port(), 9);
}

#[test]
fn several_providers_are_named_by_address_or_by_file() {
    use secrecy::ExposeSecret;
    let several = "[[provider]]\nurl = \"http://one/key\"\nrequests_per_second = 25\n\
                   traces = \"trace_block\"\n\
                   [[provider]]\nurl_file = \"webhook.secret\"\n[native]";
    let config = GOOD.replace("rpc_url = \"http://127.0.0.1:8545/key\"\n", "");
    let config = config.replace("[native]", several);
    let read = load(&config, Overrides::default()).unwrap().providers;
    let shown: Vec<_> = read
        .iter()
        .map(|p| (p.url.expose_secret(), p.requests_per_second.map(NonZeroU32::get)))
        .collect();
    assert_eq!(shown, [("http://one/key", Some(25)), ("whsec_c2VjcmV0", None)]);
    assert_eq!([read[0].traces, read[1].traces], [Some(Tracer::TraceBlock), None]);
    let check = |from: &str, to: &str, expected: &str| {
        let error = load(&config.replace(from, to), Overrides::default()).unwrap_err().to_string();
        assert!(error.contains(expected), "{error}");
    };
    check("requests_per_second = 25", "requests_per_second = 0", "use 1 to 100000");
    check("url = \"http://one/key\"\n", "", "provider 1 needs either url or url_file");
    check("trace_block", "by_hand", "expected `call_tracer` or `trace_block`");
    check("chain_id", "rpc_url = \"http://x\"\nchain_id", "not by both");
    let overrides = Overrides { rpc_url: Some("http://x".into()), ..Overrides::default() };
    assert_eq!(load(&config, overrides).unwrap().providers.len(), 1);
}

#[test]
fn a_walk_back_ends_where_proof_ends() {
    assert_eq!(lookback_from(31_337, None).unwrap(), 0);
    assert_eq!(lookback_from(42_161, None).unwrap(), 22_207_818);
    let refusal = lookback_from(42_161, Some(1)).unwrap_err().to_string();
    assert!(refusal.contains("Arbitrum One can be proved from 22207818 on"), "{refusal}");
}

#[test]
fn secrets_are_not_shown() {
    let config = format!("{:?}", load(GOOD, Overrides::default()).unwrap());
    assert!(!config.contains("/key") && !config.contains("whsec"), "{config}");
    let database_url = Some("postgres://me:s3cret@host/name".into());
    let overrides = Overrides { database_url, ..Overrides::default() };
    assert!(!format!("{overrides:?}").contains("s3cret"));
    assert!(!format!("{:?}", load(GOOD, overrides).unwrap()).contains("s3cret"));
}

#[test]
fn the_database_is_a_file_or_a_server_and_one_of_them() {
    use secrecy::ExposeSecret;
    let server = "database_url_file = \"database.url\"";
    let config = GOOD.replace("database = \"interdict.sqlite\"", server);
    let folder = folder(&config);
    let path = folder.path().join("indexer.toml");
    let missing = Config::load(&path, Overrides::default()).unwrap_err();
    assert!(missing.to_string().contains("database_url_file"), "{missing}");
    std::fs::write(folder.path().join("database.url"), "postgres://me:s3cret@host/name\n").unwrap();
    let read = Config::load(&path, Overrides::default()).unwrap();
    let Place::Server { url, lease } = &read.database else { panic!("{read:?}") };
    assert_eq!(url.expose_secret(), "postgres://me:s3cret@host/name");
    assert_eq!(*lease, Duration::from_secs(LEASE_DEFAULT_SECONDS));

    assert!(refused("database = \"interdict.sqlite\"\n", "").contains("no database is named"));
    let both = format!("bind =\"127.0.0.1:0\"\n{server}");
    assert!(refused("bind = \"127.0.0.1:0\"", &both).contains("keep the one"));
    let lease = "bind = \"127.0.0.1:0\"\ndatabase_lease_seconds = 0";
    assert!(refused("bind = \"127.0.0.1:0\"", lease).contains("use 1 to 300"));
}

#[test]
fn what_others_can_reach_is_refused() {
    assert!(refused("127.0.0.1:0", "0.0.0.0:80").contains("name under [api] the hosts"));
    let overrides = Overrides { bind: Some("[::]:80".parse().unwrap()), ..Overrides::default() };
    assert!(matches!(load(GOOD, overrides), Err(ConfigError::Bind(_))));
    let named = |more: &str| {
        let config = GOOD.replace("127.0.0.1:0\"", "0.0.0.0:80\"");
        let api = format!("[api]\nhosts = [\"a.example\"]\n{more}\n[native]");
        load(&config.replace("[native]", &api), Overrides::default())
    };
    let api = named("").unwrap().api;
    assert_eq!((api.anonymous, &*api.hosts), (None, &["a.example".to_owned()][..]));
    let refused = named("anonymous = \"viewer\"").unwrap_err();
    assert!(matches!(refused, ConfigError::AnonymousAbroad(_)), "{refused}");
    assert!(matches!(named("requests_per_second = 0"), Err(ConfigError::ApiRate(0))));
    assert_eq!(load(GOOD, Overrides::default()).unwrap().api.anonymous, Some(Role::Viewer));
    let none = GOOD.replace("[native]", "[api]\nanonymous = \"none\"\n[native]");
    assert_eq!(load(&none, Overrides::default()).unwrap().api.anonymous, None);
}

#[test]
fn people_log_in_over_tls_and_somebody_has_a_role() {
    let oidc = |issuer: &str, roles: &str| {
        let oidc = format!(
            "[oidc]\nissuer = \"{issuer}\"\nclient_id = \"interdict\"\n\
             redirect_url = \"https://a.example/v1/oidc/callback\"\nrole_claim = \"groups\"\n\
             [oidc.roles]\n{roles}\n[native]"
        );
        load(&GOOD.replace("[native]", &oidc), Overrides::default())
    };
    let read = oidc("https://id.example", "\"desk\" = \"analyst\"").unwrap().oidc.unwrap();
    assert_eq!((read.roles["desk"], &*read.person_claim), (Role::Analyst, "email"));
    assert!(oidc("http://127.0.0.1:1", "\"desk\" = \"analyst\"").is_ok());
    let refused = oidc("http://id.example", "\"desk\" = \"analyst\"").unwrap_err();
    assert!(matches!(refused, ConfigError::OidcUrl("oidc.issuer")), "{refused}");
    assert!(matches!(oidc("https://id.example", ""), Err(ConfigError::OidcRoles)));
    assert!(oidc("https://id.example", "\"desk\" = \"root\"").is_err());
}

#[test]
fn a_list_may_be_on_another_chain() {
    let config = GOOD.replace("31337", "1").replace("[native]", &format!("{LIST}[native]"));
    let config = load(&config, Overrides::default()).unwrap();
    assert_eq!((config.chain_id, config.deployment.chain_id), (1, 31337));
    assert_eq!((config.genesis_hash(), config.first_block()), (B256::ZERO, 7));
}

#[test]
fn mistakes_are_named() {
    assert!(refused("chain_id = 31337", "chain_id = 1").contains("under [list] the indexer"));
    assert!(refused("[native]", &format!("{LIST}[native]")).contains("this one is on chain 31337"));
    let elsewhere = LIST.replace("0x00", "0x01");
    let unreached = elsewhere.replace("http:", "ftp:");
    assert!(refused("[native]", &format!("{unreached}[native]")).contains("list.indexer"));
    let sampled = format!("catch_up = \"sampled\"{elsewhere}[native]");
    assert!(refused("[native]", &sampled).contains("use \"full\""));
    assert!(refused("[webhook]", "[webhoook]").contains("webhoook"));
    assert!(refused("symbol = \"USDT\"", "symbol = \"USDT\"\nstray = 1").contains("stray"));
    assert!(refused("bind =", "poll_ms = 1\nbind =").contains("use 50 to 10000"));
    assert!(refused("\"deployment.json\"", "\"none.json\"").contains("none.json"));
    assert!(refused("webhook.secret\"", "none\"").contains("webhook.secret_file"));
    assert!(refused("decimals = 6", "decimals = 37").contains("at most 36"));
    assert!(refused("bind =", "catch_up = \"fast\"\nbind =").contains("`full` or `sampled`"));
}

#[test]
fn a_token_for_the_lists_indexer_is_for_its_owner_alone_and_one_word() {
    use std::os::unix::fs::PermissionsExt;

    use secrecy::ExposeSecret;

    let elsewhere = LIST.replace("0x00", "0x01") + "token_file = \"list.token\"\n";
    let folder = folder(&GOOD.replacen("[native]", &format!("{elsewhere}[native]"), 1));
    let (path, config) = (folder.path().join("list.token"), folder.path().join("indexer.toml"));
    let load = || Config::load(&config, Overrides::default());
    let refused = || load().unwrap_err().to_string();
    assert!(refused().contains("list.token_file"), "there is none");
    std::fs::write(&path, "idx_secret\n").unwrap();
    let mode = |mode| std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode));
    for open in [0o644, 0o640, 0o604, 0o602] {
        mode(open).unwrap();
        let refused = refused();
        assert!(refused.contains("chmod 600") && !refused.contains("idx_secret"), "{refused}");
    }
    mode(0o600).unwrap();
    let loaded = load().unwrap();
    let token = loaded.abroad.as_ref().unwrap().token.as_ref().unwrap();
    assert_eq!(token.expose_secret(), "idx_secret");
    assert!(!format!("{loaded:?}").contains("idx_secret"));
    for none in ["", "\n", "two words", "a\nb"] {
        std::fs::write(&path, none).unwrap();
        let refused = refused();
        assert!(refused.contains("holds no token") && !refused.contains("two"), "{refused}");
    }
}

#[test]
fn amounts_are_read_exactly_or_not_at_all() {
    for wrong in ["-1", "1.0000001", "1e3", "ten", "", ".", "1,5", "0x10", " 1", "1.2.3"] {
        let message = refused("dust_below = \"10\"", &format!("dust_below = \"{wrong}\""));
        assert!(message.contains("dust_below of USDT"), "{wrong}: {message}");
    }
}

#[test]
fn what_one_is_worth_says_what_is_dust() {
    let config = |line: &str| GOOD.replace("dust_below = \"10\"", line);
    let dust = |line: &str| {
        let config = load(&config(line), Overrides::default()).unwrap();
        config.assets.tokens.values().next().unwrap().dust_below
    };
    assert_eq!(dust("reference_value = \"1\""), U256::from(10_000_000));
    assert_eq!(dust("reference_value = \"2500.5\""), U256::from(4_000), "3999.2, rounded up");
    for wrong in ["0", "-1", "ten", "0.0000001"] {
        let message = refused("dust_below = \"10\"", &format!("reference_value = \"{wrong}\""));
        assert!(message.contains("reference_value of USDT"), "{wrong}: {message}");
    }
    let both = "dust_below = \"10\"\nreference_value = \"1\"";
    assert!(refused("dust_below = \"10\"", both).contains("needs either reference_value"));
    assert!(refused("dust_below = \"10\"", "").contains("needs either reference_value"));
}

#[test]
fn a_policy_is_named_and_must_be_one() {
    use interdict_core::policy::{DEFAULT, Policy};
    let config = load(GOOD, Overrides::default()).unwrap();
    assert_eq!(config.policy, Policy::standard(), "unless one is named");
    let named = GOOD.replace("bind =", "policy = \"policy.toml\"\nbind =");
    let with = |text: &str| {
        let folder = folder(&named);
        std::fs::write(folder.path().join("policy.toml"), text).unwrap();
        Config::load(&folder.path().join("indexer.toml"), Overrides::default())
    };
    let lower = DEFAULT.replace("dust_below = \"10\"", "dust_below = \"5\"");
    let config = with(&lower.replace("default-3", "own-1")).unwrap();
    assert!(config.policy.label.starts_with("own-1@"));
    let message = with(&DEFAULT.replace("\"after\"", "\"later\"")).unwrap_err().to_string();
    assert!(message.contains("policy.toml") && message.contains("line 22"), "{message}");
    let missing = load(&named, Overrides::default()).unwrap_err().to_string();
    assert!(missing.contains("name the file with policy"), "{missing}");
}

#[test]
fn a_token_stands_once() {
    let again = "[[token]]\naddress = \"0xdac17f958d2ee523a2206206994597c13d831ec7\"\n\
                 symbol = \"T\"\ndecimals = 6\ndust_below = \"1\"\n[webhook]";
    assert!(refused("[webhook]", again).contains("twice"));
}
