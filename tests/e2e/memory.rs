//! A large publication is read in little memory: what the list holds counts, not what the file
//! does.

#[path = "../bench/generate.rs"]
mod generate;

use std::fs::File;
use std::io::{BufWriter, Write as _};
use std::path::Path;
use std::process::Stdio;

use anyhow::{Context, Result, bail};
use tokio::net::TcpListener;
use tokio::process::Command;

const SEED: u64 = 20_260_102;

/// 1 MB and 20 MB; `make bench` measures the 125 MB that OFAC's file has.
const FEW_PARTIES: u64 = 150;
const MANY_PARTIES: u64 = 3_000;

const PEAK_KIB_MAX: u64 = 64 * 1024;

/// Nineteen megabytes more of parties, of which fifteen have addresses.
const GROWTH_KIB_MAX: u64 = 3 * 1024;

fn write(path: &Path, parties: u64) -> Result<generate::Written> {
    let mut out = BufWriter::new(File::create(path)?);
    let written = generate::advanced(&mut out, parties, SEED)?;
    out.flush()?;
    Ok(written)
}

/// The peak memory of `interdict plan`, taken when it has read the publication and asks its node:
/// this test is the node, and does not answer.
async fn peak_kib(publication: &Path) -> Result<u64> {
    let node = TcpListener::bind("127.0.0.1:0").await?;
    let mut child = Command::new(interdict_tests::program("interdict")?)
        .arg("plan")
        .arg(publication)
        .args(["--rpc-url", &format!("http://{}", node.local_addr()?)])
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .kill_on_drop(true)
        .spawn()?;
    let asks = tokio::select! {
        asks = node.accept() => asks,
        ended = child.wait() => bail!("it ended before it asked its node: {:?}", ended?),
    };
    let _asks = asks?;
    let id = child.id().context("it has ended")?;
    let status = std::fs::read_to_string(format!("/proc/{id}/status"))?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kib = line.and_then(|line| line.split_whitespace().next()).context("no VmHWM")?;
    Ok(kib.parse()?)
}

#[tokio::test(flavor = "multi_thread")]
async fn twenty_times_the_file_is_not_twenty_times_the_memory() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let mut peaks = Vec::new();
    for parties in [FEW_PARTIES, MANY_PARTIES] {
        let path = folder.path().join("advanced.xml");
        let written = write(&path, parties)?;
        assert!(written.evm > 0 && written.others > 0, "{written:?}");
        peaks.push(peak_kib(&path).await?);
    }
    let [few, many] = peaks[..] else { bail!("two were measured") };
    assert!(many < PEAK_KIB_MAX, "{many} KiB");
    assert!(many < few + GROWTH_KIB_MAX, "{few} KiB for 1 MB, {many} KiB for 20 MB");
    Ok(())
}
