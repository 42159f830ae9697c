//! Every kind of transfer, made by real contracts on a real chain and found by the real binaries.
//! Two are not to be had here: anvil's roots of transactions with blobs are not Ethereum's, and it
//! does not log its coin yet (EIP-7708).

use std::time::Duration;

use alloy::eips::eip7702::Authorization;
use alloy::network::{EthereumWallet, TransactionBuilder7702};
use alloy::primitives::{Address, Bytes, U256, hex};
use alloy::providers::{DynProvider, Provider, ProviderBuilder};
use alloy::rpc::types::{TransactionReceipt, TransactionRequest};
use alloy::signers::SignerSync;
use alloy::sol_types::SolCall;
use anyhow::{Context, Result, ensure};
use interdict_tests::anvil::Pace;
use interdict_tests::keys::Person;
use interdict_tests::stage::{Stage, USDT};
use interdict_tests::{publication, read_json, repository};
use serde_json::{Value, json};

const PATIENCE: Duration = Duration::from_mins(1);

alloy::sol! {
    function mint(address to, uint256 value);
    function transfer(address to, uint256 value);
    function transferFrom(address from, address to, uint256 value);
    function approve(address spender, uint256 value);
    function safeTransferFrom(address from, address to, uint256 id, uint256 value, bytes data);
    function setApprovalForAll(address operator, bool approved);
    function deposit();
    function withdraw(uint256 value);
    function pretend(address from, address to, uint256 value);
    function pretendOldWay(address from, address to, uint256 value);
    function pretendBothWays(address from, address to, uint256 value);
    function logUnequal(address from, address to);
    function logEndless(address from, address to);
    function pass(address to, bool fail);

    interface Multi {
        function mint(address to, uint256 id, uint256 value);
        function mintMany(address to, uint256[] ids, uint256[] values);
    }
}

/// The stage, with one address that the list names and nobody has the key of.
struct Scene {
    stage: Stage,
    listed: Address,
}

impl Scene {
    fn customer(&self) -> &Person {
        &self.stage.council.guardian
    }

    fn wallet(&self) -> Result<DynProvider> {
        let wallet = EthereumWallet::from(self.customer().signer.clone());
        let url = self.stage.anvil.url.parse()?;
        Ok(ProviderBuilder::new().wallet(wallet).connect_http(url).erased())
    }

    async fn deploy(&self, name: &str) -> Result<Address> {
        let path = repository().join(format!("tests/contracts/artifacts/{name}.json"));
        let artifact = read_json(path)?;
        let code = hex::decode(artifact["bytecode"].as_str().context("no bytecode")?)?;
        let request = TransactionRequest::default().input(Bytes::from(code).into());
        let mut request = request;
        request.to = Some(alloy::primitives::TxKind::Create);
        let receipt = self.wallet()?.send_transaction(request).await?.get_receipt().await?;
        receipt.contract_address.context("nothing was created")
    }

    /// The customer calls a contract.
    async fn call(&self, to: Address, call: impl SolCall, wei: u64) -> Result<TransactionReceipt> {
        let request = TransactionRequest::default()
            .to(to)
            .value(U256::from(wei))
            .input(Bytes::from(call.abi_encode()).into());
        sent(self.wallet()?.send_transaction(request).await?.get_receipt().await?)
    }

    /// The listed address calls a contract; the node acts in its name. What fails is sent too.
    async fn as_listed(&self, to: Address, call: Vec<u8>, wei: u64) -> Result<TransactionReceipt> {
        let chain = &self.stage.council.chain;
        chain.rpc("anvil_setBalance", json!([self.listed, "0xde0b6b3a7640000"])).await?;
        let request = TransactionRequest::default()
            .to(to)
            .value(U256::from(wei))
            .gas_limit(1_000_000)
            .input(Bytes::from(call).into());
        chain.send_as(self.listed, request).await
    }
}

fn sent(receipt: TransactionReceipt) -> Result<TransactionReceipt> {
    ensure!(receipt.status(), "transaction {} reverted", receipt.transaction_hash);
    Ok(receipt)
}

/// What each transaction is expected to be found as: kind, side and rule of each finding.
type Expected = (TransactionReceipt, Vec<(&'static str, &'static str, &'static str)>);

async fn scene(folder: &std::path::Path) -> Result<Scene> {
    let mut stage = Stage::build(folder, Pace::OnDemand, 0).await?;
    stage.settings.traces = vec!["call_tracer", "trace_block"];
    let plan = stage.council.govern(&publication("sample_enhanced.xml"), "plan.json").await?;
    let listed = plan.first()?;
    Ok(Scene { stage, listed })
}

/// ERC-20 in all its dialects. Only the stage's own token is in the asset table.
async fn erc20(scene: &Scene) -> Result<Vec<Expected>> {
    let (me, listed) = (scene.customer().address(), scene.listed);
    let usdt = scene.stage.token;
    let value = U256::from(50 * USDT);
    let mut expected = Vec::new();
    scene.call(usdt, mintCall { to: me, value: value * U256::from(4) }, 0).await?;
    let paid = scene.call(usdt, transferCall { to: listed, value }, 0).await?;
    expected.push((paid, vec![("erc20", "recipient", "direct.outbound.while_listed")]));
    let nothing = scene.call(usdt, transferCall { to: listed, value: U256::ZERO }, 0).await?;
    expected.push((nothing, vec![("erc20", "recipient", "spoof")]));
    let allowed = scene.call(usdt, approveCall { spender: listed, value }, 0).await?;
    expected.push((allowed, vec![("approval", "spender", "direct.other")]));
    let other = Address::repeat_byte(0x42);
    let moves = transferFromCall { from: me, to: other, value }.abi_encode();
    let spent = scene.as_listed(usdt, moves, 0).await?;
    expected.push((sent(spent)?, vec![("erc20", "spender", "direct.other")]));

    let silent = scene.deploy("SilentToken").await?;
    scene.call(silent, mintCall { to: me, value }, 0).await?;
    let paid = scene.call(silent, transferCall { to: listed, value }, 0).await?;
    expected.push((paid, vec![("erc20", "recipient", "spoof")]));
    let fee = scene.deploy("FeeToken").await?;
    scene.call(fee, mintCall { to: me, value }, 0).await?;
    let paid = scene.call(fee, transferCall { to: listed, value }, 0).await?;
    expected.push((paid, vec![("erc20", "recipient", "spoof")]));

    let fake = scene.deploy("FakeToken").await?;
    let (from, to) = (listed, me);
    let faked = scene.call(fake, pretendCall { from, to, value }, 0).await?;
    expected.push((faked, vec![("erc20", "sender", "spoof")]));
    let faked = scene.call(fake, pretendOldWayCall { from, to, value }, 0).await?;
    expected.push((faked, vec![("erc20", "sender", "spoof")]));
    expected.push((scene.call(fake, pretendBothWaysCall { from, to, value }, 0).await?, vec![]));
    Ok(expected)
}

/// Collectibles and tokens of many kinds.
async fn by_id(scene: &Scene) -> Result<Vec<Expected>> {
    let (me, listed) = (scene.customer().address(), scene.listed);
    let id = U256::from(7);
    let mut expected = Vec::new();
    let pictures = scene.deploy("Collectible").await?;
    scene.call(pictures, mintCall { to: me, value: id }, 0).await?;
    let sold = transferFromCall { from: me, to: listed, value: id };
    expected.push((scene.call(pictures, sold, 0).await?, vec![("erc721", "recipient", "spoof")]));

    let multi = scene.deploy("Multi").await?;
    let (ids, values) = (vec![id, id + U256::ONE], vec![U256::from(5), U256::from(6)]);
    let mint = Multi::mintManyCall { to: listed, ids, values };
    let each = ("erc1155", "recipient", "spoof");
    expected.push((scene.call(multi, mint, 0).await?, vec![each, each]));
    let mint = Multi::mintCall { to: listed, id, value: U256::from(5) };
    expected.push((scene.call(multi, mint, 0).await?, vec![each]));
    let allow = setApprovalForAllCall { operator: listed, approved: true };
    expected.push((scene.call(multi, allow, 0).await?, vec![("approval", "spender", "spoof")]));
    scene.call(multi, Multi::mintCall { to: me, id, value: U256::from(5) }, 0).await?;
    let (from, to) = (me, Address::repeat_byte(0x42));
    let operate = safeTransferFromCall { from, to, id, value: U256::ONE, data: Bytes::new() };
    let operated = sent(scene.as_listed(multi, operate.abi_encode(), 0).await?)?;
    let signed = ("call", "signer", "direct.other");
    expected.push((operated, vec![signed, ("erc1155", "spender", "spoof")]));

    let (from, to) = (me, listed);
    expected.push((scene.call(multi, logUnequalCall { from, to }, 0).await?, vec![]));
    expected.push((scene.call(multi, logEndlessCall { from, to }, 0).await?, vec![]));
    Ok(expected)
}

/// The chain's own coin, and transactions that move nothing.
async fn coin(scene: &Scene) -> Result<Vec<Expected>> {
    /// 0.01 ether: no dust.
    const WEI: u64 = 10_000_000_000_000_000;
    let (me, listed) = (scene.customer().address(), scene.listed);
    let mut expected = Vec::new();
    let chain = &scene.stage.council.chain;
    let paid = chain.pay_ether(scene.customer(), listed, WEI).await?;
    expected.push((paid, vec![("native", "recipient", "direct.outbound.while_listed")]));
    let dust = scene.as_listed(me, vec![], 1).await?;
    expected.push((dust, vec![("native", "sender", "unsolicited_dust")]));

    let weth = scene.deploy("WrappedCoin").await?;
    let wrapped = scene.as_listed(weth, depositCall {}.abi_encode(), WEI).await?;
    let inbound = ("native", "sender", "direct.inbound.while_listed");
    expected.push((sent(wrapped)?, vec![inbound, ("wrap", "recipient", "spoof")]));
    let unwrap = withdrawCall { value: U256::from(WEI) }.abi_encode();
    let unwrapped = sent(scene.as_listed(weth, unwrap, 0).await?)?;
    // What comes out of the contract comes by a call within.
    let out = ("internal", "recipient", "direct.outbound.while_listed");
    let signed = ("call", "signer", "direct.other");
    expected.push((unwrapped, vec![signed, out, ("unwrap", "sender", "spoof")]));

    let passer = scene.deploy("Passer").await?;
    let failed = passCall { to: me, fail: true }.abi_encode();
    let failed = scene.as_listed(passer, failed, WEI).await?;
    ensure!(!failed.status(), "it was told to fail");
    expected.push((failed, vec![("call", "signer", "failed_attempt")]));
    let called = scene.call(listed, depositCall {}, 0).await?;
    expected.push((called, vec![("call", "callee", "direct.other")]));

    let authorization = Authorization { chain_id: U256::from(31_337), address: listed, nonce: 0 };
    let someone = Person::new(&scene.stage.settings.folder, "someone")?;
    let signature = someone.signer.sign_hash_sync(&authorization.signature_hash())?;
    let request = TransactionRequest::default()
        .to(me)
        .with_authorization_list(vec![authorization.into_signed(signature)]);
    let delegated = scene.wallet()?.send_transaction(request).await?.get_receipt().await?;
    expected.push((sent(delegated)?, vec![("delegation", "delegate", "direct.other")]));
    Ok(expected)
}

/// What calls within transactions move. The node tells it in both shapes, and both say the same.
async fn within(scene: &Scene) -> Result<Vec<Expected>> {
    const WEI: u64 = 10_000_000_000_000_000;
    let passer = scene.deploy("Passer").await?;
    let call = passCall { to: scene.listed, fail: false };
    let paid = scene.call(passer, call, WEI).await?;
    Ok(vec![(paid, vec![("internal", "recipient", "direct.outbound.while_listed")])])
}

fn found<'a>(
    alerts: &'a [Value],
    receipt: &TransactionReceipt,
) -> Vec<(&'a str, &'a str, &'a str)> {
    let tx = receipt.transaction_hash.to_string();
    let text = |value: &'a Value| value.as_str().unwrap_or_default();
    let mut found: Vec<_> = alerts
        .iter()
        .filter(|alert| alert["at"]["tx_hash"] == tx.as_str())
        .map(|alert| (text(&alert["amount"]["kind"]), text(&alert["side"]), text(&alert["rule"])))
        .collect();
    found.sort_unstable();
    found
}

#[tokio::test(flavor = "multi_thread")]
async fn every_kind_of_transfer_is_found_on_a_real_chain() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let scene = scene(folder.path()).await?;
    std::fs::create_dir_all(&scene.stage.settings.folder)?;
    let mut all = erc20(&scene).await?;
    all.extend(by_id(&scene).await?);
    all.extend(coin(&scene).await?);
    all.extend(within(&scene).await?);
    let indexer = scene.stage.settings.start().await?;
    let height = scene.stage.council.chain.height().await?;
    let there = |ready: &Value| ready["cursor"].as_u64() == Some(height);
    indexer.until("/readyz", PATIENCE, there).await?;

    let alerts = indexer.alerts().await?;
    for (receipt, expected) in &all {
        let mut expected = expected.clone();
        expected.sort_unstable();
        assert_eq!(found(&alerts, receipt), expected, "{receipt:#?}");
    }
    let count: usize = all.iter().map(|(_, expected)| expected.len()).sum();
    assert_eq!(alerts.len(), count, "nothing else is found");

    let internal = |alert: &&Value| alert["amount"]["kind"] == "internal";
    let words: Vec<_> = alerts.iter().filter(internal).map(|a| &a["verification"]).collect();
    assert_eq!(words, ["agreed"; 2], "no header commits to it, and two say the same");

    // What could not be read is counted and kept.
    let metrics = indexer.text("/metrics").await?;
    for line in [
        "interdict_undecoded_logs_total{kind=\"malformed\"} 1",
        "interdict_undecoded_logs_total{kind=\"erc1155\"} 2",
    ] {
        assert!(metrics.contains(line), "{line} is not in {metrics}");
    }

    // A hostile token's own word is harmless, and judges nothing.
    let silent = |alert: &Value| {
        alert["amount"]["token_says"]["symbol"].as_str().is_some_and(|text| text.contains("TDSU"))
    };
    let fits = |page: &Value| page["alerts"].as_array().is_some_and(|all| all.iter().any(silent));
    let page = indexer.until("/v1/alerts?limit=500", PATIENCE, fits).await?;
    let hostile = page["alerts"].as_array().into_iter().flatten().find(|alert| silent(alert));
    let says = &hostile.context("it was there")?["amount"]["token_says"];
    assert_eq!(
        says["symbol"],
        "\u{fffd}b\u{fffd}U\u{fffd}/b\u{fffd}\u{fffd}\u{fffd}31m\u{fffd}TDSU"
    );
    let name = says["name"].as_str().context("it has a name of a hundred thousand bytes")?;
    assert_eq!((name.chars().count(), &says["decimals"]), (96, &json!(6)));
    indexer.kill().await
}
