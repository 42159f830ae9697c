// The hook in a real browser, render by render: what is shown of one account is never of another.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";

import { build } from "esbuild";

import { browser, serve, walletIn } from "./world/browser.mjs";
import { proxy } from "./world/proxy.mjs";
import { batch, manifest, somebody, system } from "./world/system.mjs";

const [CLEAR, LISTED] = [somebody(1), somebody(2)];
const resolveDir = fileURLToPath(new URL("..", import.meta.url));

let world;
let between;
let chrome;

before(async () => {
  world = await system();
  between = await proxy(world.url);
  await world.act("list", batch(1, [LISTED]));
  await world.act("attest", 1, await world.now(), manifest("attested"));
  chrome = await browser();
});
after(async () => {
  await chrome?.close();
  await between?.close();
  await world?.close();
});

/** A page that keeps every render, as `[account, status, proceed]`. */
const page = async (story) => {
  const contents = `
    import { StrictMode } from "react";
    import { createRoot } from "react-dom/client";
    import { useScreening } from "@interdict/sdk/react";
    window.renders = [];
    const list = ${JSON.stringify(world.list)};
    const Probe = ({ account, policy }) => {
      const onUnknown = policy && (async () => policy);
      const state = useScreening(window.ethereum, account, { list, onUnknown: onUnknown ?? "block" });
      window.renders.push([account, state.status, state.proceed]);
      return <button onClick={state.recheck}>{state.status} {String(state.proceed)}</button>;
    };
    const root = createRoot(document.getElementById("root"));
    window.show = (props) => root.render(<StrictMode><Probe {...props} /></StrictMode>);
    window.end = () => root.unmount();`;
  const define = { "process.env.NODE_ENV": '"development"' };
  const options = { bundle: true, write: false, logLevel: "error", format: "iife", define };
  const stdin = { contents, resolveDir, loader: "jsx" };
  const { outputFiles } = await build({ stdin, jsx: "automatic", ...options });
  const html = '<!doctype html><div id="root"></div><script src="page.js"></script>';
  const files = { "/index.html": () => html, "/page.js": () => outputFiles[0].text };
  const site = await serve("/nowhere", files);
  const tab = await chrome.newPage();
  try {
    await world.rpc("evm_mine");
    const wallet = await walletIn(tab, { 31337: between.url }, CLEAR, 31337);
    await tab.goto(site.url);
    const show = (props) => tab.evaluate((given) => window.show(given), props);
    const shows = (text) => tab.getByRole("button", { name: text }).waitFor();
    const renders = () => tab.evaluate(() => window.renders);
    await story({ tab, wallet, show, shows, renders });
  } finally {
    between.state.fault = "none";
    await tab.close();
    await site.close();
  }
};

test("no render shows one account what is true of another", () =>
  page(async ({ show, shows, renders }) => {
    for (const [account, says] of [
      [undefined, "idle false"],
      [CLEAR, "clear true"],
      [LISTED, "listed false"],
      [CLEAR, "clear true"],
    ]) {
      await show({ account });
      await shows(says);
    }
    const all = await renders();
    const shown = (account) => {
      const statuses = all.filter(([who]) => who === account).map(([, status]) => status);
      return [...new Set(statuses)].sort();
    };
    assert.deepEqual(shown(LISTED), ["listed", "loading"]);
    assert.deepEqual(shown(CLEAR), ["clear", "loading"]);
    assert.ok(all.every(([, status, proceed]) => proceed === (status === "clear")));
  }));

test("the policy of the last render is the one that counts", () =>
  page(async ({ tab, show, shows }) => {
    between.state.fault = "down";
    await show({ account: CLEAR, policy: "allow" });
    await shows("unknown true");
    await show({ account: CLEAR, policy: "block" });
    await tab.getByRole("button").click();
    await shows("unknown false");
  }));

test("a component that is gone asks no more", () =>
  page(async ({ tab, show, shows }) => {
    await show({ account: CLEAR });
    await shows("clear true");
    await tab.evaluate(() => window.end());
    between.state.calls = [];
    await tab.evaluate(() => window.dispatchEvent(new Event("focus")));
    await tab.evaluate(() => window.tellPage("chainChanged", "0x1"));
    assert.deepEqual(between.state.calls, []);
  }));
