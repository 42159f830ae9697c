// A real chain: anvil, on a port of its own, and requests to it.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

const BIN =
  process.env.ANVIL ??
  fileURLToPath(
    new URL("../../../node_modules/@foundry-rs/anvil-linux-amd64/bin/anvil", import.meta.url),
  );

/** Asks a node, and fails with what it says. */
export const rpcOf =
  (url) =>
  async (method, ...params) => {
    const response = await fetch(url, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ jsonrpc: "2.0", id: 1, method, params }),
    });
    const { result, error } = await response.json();
    if (error) throw Object.assign(new Error(`${method}: ${error.message}`), error);
    return result;
  };

/** A chain of its own; `close` ends it. */
export const anvil = async (chainId = 31337) => {
  const child = spawn(BIN, ["--port", "0", "--chain-id", `${chainId}`], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const url = await new Promise((found, fail) => {
    let text = "";
    child.once("error", fail);
    child.once("exit", (code) => fail(new Error(`anvil ended with ${code}: ${text}`)));
    child.stdout.on("data", (part) => {
      text += part;
      const at = /Listening on (\S+)/.exec(text);
      if (at) found(`http://${at[1]}`);
    });
  });
  child.removeAllListeners("exit");
  // A test that fails before its end leaves no chain behind, and waits for none.
  child.unref();
  child.stdout.unref();
  process.once("exit", () => child.kill());
  const close = async () => {
    child.ref();
    const gone = once(child, "exit");
    child.kill();
    await gone;
  };
  return { url, rpc: rpcOf(url), close };
};
