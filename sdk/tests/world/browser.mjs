// A real Chromium, a page served to it, and a wallet put into it whose node is the test's.
import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { createServer } from "node:http";
import { extname, join, normalize } from "node:path";

import chromium from "@sparticuz/chromium";
import { chromium as playwright } from "playwright-core";

const TYPES = {
  ".css": "text/css",
  ".html": "text/html",
  ".js": "text/javascript",
  ".json": "application/json",
};

export const browser = async () => {
  const installed = [process.env.CHROME, "/usr/bin/chromium"].find(
    (path) => path && existsSync(path),
  );
  const executablePath = installed ?? (await chromium.executablePath());
  // Not the arguments that come with it: one process for all falls with the first page closed.
  return playwright.launch({ executablePath, args: ["--no-sandbox", "--disable-gpu"] });
};

/** Serves a folder, and some files that are not in it. */
export const serve = async (folder, more = {}) => {
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url, "http://page/");
    const name = pathname === "/" ? "/index.html" : normalize(pathname);
    const path = join(folder, name);
    const text = more[name]?.() ?? (existsSync(path) ? readFileSync(path) : undefined);
    response.writeHead(text === undefined ? 404 : 200, {
      "content-type": TYPES[extname(name)] ?? "",
    });
    response.end(text);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const close = async () => {
    server.closeAllConnections();
    server.close();
    await once(server, "close");
  };
  return { url: `http://127.0.0.1:${server.address().port}/`, close };
};

/** In the page: an EIP-1193 provider that hands every question to the test. */
const inject = () => {
  const listeners = new Map();
  const of = (event) => listeners.get(event) ?? listeners.set(event, new Set()).get(event);
  window.ethereum = {
    isConnected: () => true,
    async request({ method, params = [] }) {
      const { result, error } = await window.askWallet(method, params);
      if (error) throw Object.assign(new Error(error.message), { code: error.code });
      return result;
    },
    on: (event, listener) => of(event).add(listener),
    removeListener: (event, listener) => of(event).delete(listener),
  };
  window.tellPage = (event, value) => {
    for (const listener of of(event)) listener(value);
  };
};

/**
 * A wallet in a page: `state` is its account and chain, `nodes` its node for each chain, by URL;
 * `account` and `chain` change it as its owner would.
 */
export const walletIn = async (page, nodes, account, chainId) => {
  const state = { account, chainId, sent: [] };
  const tell = (event, value) => page.evaluate(([e, v]) => window.tellPage(e, v), [event, value]);
  const hex = () => `0x${state.chainId.toString(16)}`;
  const ask = async (method, params) => {
    const response = await fetch(nodes[state.chainId], {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ jsonrpc: "2.0", id: 1, method, params }),
    });
    return response.json();
  };
  const own = {
    eth_accounts: () => ({ result: [state.account] }),
    eth_requestAccounts: () => ({ result: [state.account] }),
    eth_chainId: () => ({ result: hex() }),
    wallet_switchEthereumChain: async ([{ chainId: to }]) => {
      state.chainId = Number(to);
      await tell("chainChanged", hex());
      return { result: null };
    },
    eth_sendTransaction: async ([transaction]) => {
      state.sent.push(transaction);
      await ask("anvil_impersonateAccount", [transaction.from]);
      await ask("anvil_setBalance", [transaction.from, "0xde0b6b3a7640000"]);
      return ask("eth_sendTransaction", [transaction]);
    },
  };
  await page.exposeFunction("askWallet", async (method, params) => {
    try {
      return await (own[method]?.(params) ?? ask(method, params));
    } catch (error) {
      return { error: { code: -32603, message: `${error} ${error.cause ?? ""}` } };
    }
  });
  await page.addInitScript(inject);
  return {
    state,
    async account(to) {
      state.account = to;
      await tell("accountsChanged", [to]);
    },
    async chain(to) {
      state.chainId = to;
      await tell("chainChanged", hex());
    },
  };
};
