//! The ERC-7730 descriptors say all of what the contracts are asked, and cannot rot: their types
//! are compared with what the deployed contracts state, their functions with the artifacts, and
//! every argument must be shown or be named as left out.

use std::collections::{BTreeMap, BTreeSet};

use alloy::json_abi::{Function, JsonAbi, Param};
use alloy::primitives::{B256, keccak256};
use anyhow::{Context as _, Result};
use interdict_tests::room::Room;
use interdict_tests::{read_json, repository};
use serde_json::Value;

/// An intent longer than this is cut on a small screen.
const INTENT_CHARS_MAX: usize = 32;

mod stated {
    alloy::sol! {
        #[sol(rpc)]
        interface Typed {
            function LIST_PROVISIONAL_TYPEHASH() external view returns (bytes32);
            function RETRACT_TYPEHASH() external view returns (bytes32);
            function BALLOT_TYPEHASH() external view returns (bytes32);
            function eip712Domain() external view returns (
                bytes1 fields, string name, string version, uint256 chainId,
                address verifyingContract, bytes32 salt, uint256[] extensions
            );
        }
    }
}

fn descriptor(name: &str) -> Result<Value> {
    let path = repository().join("contracts/erc7730").join(format!("{name}.json"));
    read_json(path)
}

fn array<'a>(value: &'a Value, name: &str) -> Result<&'a Vec<Value>> {
    value[name].as_array().with_context(|| format!("no list {name} in {value}"))
}

fn text<'a>(value: &'a Value, name: &str) -> Result<&'a str> {
    value[name].as_str().with_context(|| format!("no text {name} in {value}"))
}

/// `encodeType` of EIP-712, from a descriptor's schema.
fn encoded(schema: &Value) -> Result<String> {
    let primary = text(schema, "primaryType")?;
    let types = schema["types"].as_object().context("no types")?;
    let encode = |name: &str| -> Result<String> {
        let members = array(&schema["types"], name)?;
        let members =
            members.iter().map(|m| Ok(format!("{} {}", text(m, "type")?, text(m, "name")?)));
        Ok(format!("{name}({})", members.collect::<Result<Vec<_>>>()?.join(",")))
    };
    let others = types.keys().filter(|name| *name != primary && *name != "EIP712Domain");
    let others: BTreeSet<&String> = others.collect();
    let mut all = encode(primary)?;
    for name in others {
        all += &encode(name)?;
    }
    Ok(all)
}

/// Every path of a message that has a value of its own.
fn message_leaves(
    schema: &Value,
    name: &str,
    prefix: &str,
    leaves: &mut BTreeSet<String>,
) -> Result<()> {
    for member in array(&schema["types"], name)? {
        let (kind, path) = (text(member, "type")?, format!("{prefix}{}", text(member, "name")?));
        let (inner, path) = match kind.strip_suffix("[]") {
            Some(inner) => (inner, format!("{path}.[]")),
            None => (kind, path),
        };
        if schema["types"].get(inner).is_some() {
            message_leaves(schema, inner, &format!("{path}."), leaves)?;
        } else {
            leaves.insert(path);
        }
    }
    Ok(())
}

fn argument_leaves(params: &[Param], prefix: &str, leaves: &mut BTreeSet<String>) {
    for param in params {
        let path = format!("{prefix}{}", param.name);
        let path = if param.ty.ends_with("[]") { format!("{path}.[]") } else { path };
        if param.components.is_empty() {
            leaves.insert(path);
        } else {
            argument_leaves(&param.components, &format!("{path}."), leaves);
        }
    }
}

/// Arguments as ERC-7730 writes them: the types of the ABI, each with its name.
fn written(params: &[Param]) -> String {
    let param = |param: &Param| match param.ty.strip_prefix("tuple") {
        Some(suffix) => format!("({}){suffix} {}", written(&param.components), param.name),
        None => format!("{} {}", param.ty, param.name),
    };
    params.iter().map(param).collect::<Vec<_>>().join(",")
}

/// What a format shows, and what it says that it leaves out.
fn shown(format: &Value) -> Result<BTreeSet<String>> {
    let intent = text(format, "intent")?;
    assert!(intent.len() <= INTENT_CHARS_MAX, "{intent}");
    let fields = array(format, "fields")?.iter().map(|field| {
        assert!(!text(field, "label")?.is_empty());
        Ok(text(field, "path")?.to_owned())
    });
    let mut paths: BTreeSet<String> = fields.collect::<Result<_>>()?;
    for required in array(format, "required")? {
        assert!(paths.contains(required.as_str().unwrap_or_default()), "{required} is not shown");
    }
    for excluded in format["excluded"].as_array().unwrap_or(&vec![]) {
        let path = excluded.as_str().context("an excluded path is a text")?;
        assert!(path.ends_with("signature"), "{path} must be seen by whoever signs");
        assert!(paths.insert(path.to_owned()), "{path} is shown and left out");
    }
    Ok(paths)
}

#[tokio::test(flavor = "multi_thread")]
async fn what_members_sign_is_what_the_contracts_state() -> Result<()> {
    let room = Room::open().await?;
    let council = &room.council;
    let book = council.deployment()?;
    let provider = council.chain.provider();
    let signed_act = stated::Typed::new(book.signed_act.address, provider);
    let voting = stated::Typed::new(book.council.address, provider);
    let hold = signed_act.LIST_PROVISIONAL_TYPEHASH().call().await?;
    let retract = signed_act.RETRACT_TYPEHASH().call().await?;
    let ballot = voting.BALLOT_TYPEHASH().call().await?;
    let domains = [signed_act.eip712Domain().call().await?, voting.eip712Domain().call().await?];
    let expected: [(&str, &[(&str, B256)]); 2] = [
        ("eip712-SignedAct", &[("ListProvisional", hold), ("Retract", retract)]),
        ("eip712-Council", &[("Ballot", ballot)]),
    ];
    for ((name, messages), domain) in expected.into_iter().zip(domains) {
        let descriptor = descriptor(name)?;
        let context = &descriptor["context"]["eip712"];
        assert_eq!(context["domain"]["name"], domain.name);
        assert_eq!(context["domain"]["version"], domain.version);
        let schemas: BTreeMap<&str, &Value> = array(context, "schemas")?
            .iter()
            .map(|schema| Ok((text(schema, "primaryType")?, schema)))
            .collect::<Result<_>>()?;
        let formats = descriptor["display"]["formats"].as_object().context("no formats")?;
        assert_eq!(schemas.len(), messages.len());
        assert_eq!(formats.len(), messages.len());
        for (primary, type_hash) in messages {
            let schema = schemas.get(primary).with_context(|| format!("no schema {primary}"))?;
            assert_eq!(keccak256(encoded(schema)?), *type_hash, "{primary}");
            let mut leaves = BTreeSet::new();
            message_leaves(schema, primary, "", &mut leaves)?;
            assert_eq!(shown(&formats[*primary])?, leaves, "{primary}");
        }
    }
    Ok(())
}

#[test]
fn what_wallets_send_is_what_the_artifacts_have() -> Result<()> {
    for name in ["SignedAct", "Council", "Blocklist", "Seats", "AccessManager"] {
        let descriptor = descriptor(&format!("calldata-{name}"))?;
        let path = repository().join("contracts/artifacts").join(format!("{name}.json"));
        let artifact: JsonAbi = serde_json::from_value(read_json(path)?["abi"].clone())?;
        let abi: JsonAbi =
            serde_json::from_value(descriptor["context"]["contract"]["abi"].clone())?;
        let formats = descriptor["display"]["formats"].as_object().context("no formats")?;
        assert_eq!(abi.functions().count(), formats.len(), "{name}: one format for each function");
        let known: Vec<&Function> = artifact.functions().collect();
        for function in abi.functions() {
            assert!(known.contains(&function), "{name} has no {}", function.signature());
        }
        for function in abi.functions() {
            let signature = format!("{}({})", function.name, written(&function.inputs));
            let format = formats.get(&signature);
            let format = format.with_context(|| format!("{name} has no format {signature}"))?;
            let mut leaves = BTreeSet::new();
            argument_leaves(&function.inputs, "", &mut leaves);
            assert_eq!(shown(format)?, leaves, "{name}: {signature}");
        }
    }
    Ok(())
}
