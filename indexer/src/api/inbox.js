"use strict";

// The inbox asks two pages of its own server, /v1/alerts and /readyz, and shows what they say.
// Text from the chain is only ever set as text, never as markup.

const POLL_MS = 2000;
const REQUEST_TIMEOUT_MS = 8000;
const PAGE_ROWS = 100;
const FILTERS = ["severity", "phase", "confirmation", "listed", "counterparty"];
const SVG = "http://www.w3.org/2000/svg";

// Shape, word and colour say the same, so that none of them is needed alone.
const SHAPES = {
  critical: ["M5 1h6l4 4v6l-4 4H5l-4-4V5z", ""],
  high: ["M8 1.5 15 14H1z", ""],
  medium: ["M8 1l7 7-7 7-7-7z", ""],
  low: ["M8 2a6 6 0 1 0 0 12A6 6 0 1 0 8 2z", "hollow"],
  informational: ["M3 3h10v10H3z", "hollow"],
};
const RULES = {
  spoof: "Nothing of known value moved: anyone can name an address in such a transfer",
  boundary: "The publication may have named the address already; the chain did not yet. A person decides",
  ownership: "The address is a subject of yours, and it is listed itself",
  no_subject: "Somebody who is no subject of yours dealt with a listed address",
  "lookback.pre_listing": "It happened before the address was listed",
  "lookback.pre_listing.recent": "It happened at most 90 days before the address was listed",
  "unsolicited_dust.repeated": "Small amounts came from this address at three different times within 30 days, unasked",
  "unsolicited_dust.summed": "Small amounts that came from this address within 30 days are no small amount together",
  "direct.outbound.while_listed": "Value was sent to an address that was listed at that moment",
  "direct.inbound.solicited": "The counterparty signed the transaction and received from a listed address",
  unsolicited_dust: "A small amount came from a listed address, unasked",
  "direct.inbound.while_listed": "Value came from an address that was listed at that moment",
  "direct.other": "A listed address stood beside: no value went to it or came from it here",
  failed_attempt: "The transaction failed: somebody tried, and nothing moved",
};
const SIDES = {
  sender: "Received from listed address",
  recipient: "Sent to listed address",
  signer: "Listed address signed",
  spender: "Listed address may move or moved another's tokens",
  owner: "Listed address allowed another to move its tokens",
  callee: "Listed address was called",
  created: "Contract came to be at listed address",
  authority: "Listed address lets a contract act for it",
  delegate: "Listed contract acts for another",
};
const KINDS = {
  native: "coin", internal: "coin, within a transaction", native_log: "coin, as the chain logs it",
  erc20: "ERC-20", erc721: "ERC-721", erc1155: "ERC-1155", wrap: "coin wrapped",
  unwrap: "coin unwrapped", approval: "approval", call: "call", creation: "creation",
  delegation: "delegation (EIP-7702)",
};
const VERIFICATIONS = {
  proved: "the block's header commits to it",
  sampled: "from finalized history of which a sample was proved",
  agreed: "no header commits to it; two providers say the same",
  unverified: "no header commits to it; one provider's word",
};
const BARE = ["call", "creation", "delegation"];
const CHAIN = {
  pending: ["Pending", "not final yet"],
  confirmed: ["Confirmed", "final"],
  retracted: ["Retracted", "no longer on chain"],
};

// How the listed address stands now; a finding stays as it was judged.
const STANDING = {
  listed: ["Listed", "by a vote"],
  provisional: ["Held", "by signatures, until a vote or its deadline"],
  lapsed: ["Lapsed", "it was held, and no vote ratified it in time"],
  retracted: ["Retracted", "it was held, and those who held it took it back"],
  delisted: ["Delisted", "a vote took it off the list; what was found while it was listed stays"],
};

const byId = (id) => document.getElementById(id);
const [form, table, state, banner, older] =
  ["filters", "alerts", "state", "banner", "older"].map(byId);
const body = table.tBodies[0];
const open = new Set();
let shown = "";
let first = { alerts: [], next: null };
let rest = { alerts: [], next: undefined };
let health = null;
let reached = null;
let round = 0;

function el(tag, attributes, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes ?? {})) {
    if (value !== null && value !== undefined) node.setAttribute(name, value);
  }
  node.append(...children.filter((child) => child !== null));
  return node;
}

// Groups of four are read without losing one's place; copied, the text has no gaps.
function hex(text, className = "") {
  const groups = text.slice(2).match(/.{1,4}/g) ?? [];
  const node = el("span", { class: `hex ${className}` });
  groups.forEach((group, index) => {
    if (index > 0) node.append(el("wbr"));
    node.append(el("span", null, (index === 0 ? "0x" : "") + group));
  });
  return node;
}

function severity(word) {
  const [path, className] = SHAPES[word] ?? SHAPES.informational;
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 0 16 16");
  svg.setAttribute("aria-hidden", "true");
  const shape = document.createElementNS(SVG, "path");
  shape.setAttribute("d", path);
  shape.setAttribute("class", className);
  svg.append(shape);
  const name = word[0].toUpperCase() + word.slice(1);
  return el("span", { class: `severity ${word}` }, svg, name);
}

function grouped(digits) {
  const [whole, fraction] = digits.split(".");
  const spaced = whole.replace(/\B(?=(\d{3})+(?!\d))/g, "\u202f");
  return fraction === undefined ? spaced : `${spaced}.${fraction}`;
}

// Inside, so that letters read from right to left turn nothing else around.
const own = (text) => el("bdi", null, text);

function amount({ kind, decimal, symbol, raw, token, token_says: says }) {
  if (BARE.includes(kind)) return el("span", { class: "amount" }, "–", el("span", { class: "sub" }, KINDS[kind]));
  if (says?.symbol && decimal === null) {
    const note = el("span", { class: "sub" }, "units of a token unknown here, which calls itself ", own(says.symbol));
    const short = raw.length > 18 ? `${raw.slice(0, 6)}… (${raw.length} digits)` : grouped(raw);
    return el("span", { class: "amount", title: raw }, short, note);
  }
  if (decimal !== null) return el("span", { class: "amount" }, `${grouped(decimal)} ${symbol}`);
  const note = el("span", { class: "sub" }, token ? "units of an unknown token" : "units");
  const short = raw.length > 18 ? `${raw.slice(0, 6)}… (${raw.length} digits)` : grouped(raw);
  return el("span", { class: "amount", title: raw }, short, note);
}

const phase = (alert) => {
  const back = alert.found_by === "lookback" ? " · found by looking back" : "";
  return { before: "Before listing", while: "While listed", after: "After delisting" }[alert.phase] + back;
};
const direction = (alert) => SIDES[alert.side] ?? alert.side;
// All of a flood is recorded; the inbox shows its first, and how many there are like it.
const flood = ({ more_like_it: more }) =>
  more ? el("span", { class: "sub" }, `and ${grouped(String(more))} more like it within the hour`) : null;
const time = (text) => text.replace("T", " ").replace("Z", " UTC");

function finding(alert) {
  const cell = (label, className, ...children) =>
    el("td", { "data-label": label, class: className },
      el("div", null, ...children.filter((child) => child !== null)));
  const [word, meaning] = CHAIN[alert.confirmation];
  const isOpen = open.has(alert.id);
  const why = el("button", {
    type: "button", class: "why", "data-id": alert.id, "aria-expanded": String(isOpen),
  }, isOpen ? "Close" : "Why");
  const [standing] = STANDING[alert.listing.standing];
  const now = ["listed", "provisional"].includes(alert.listing.standing) ? "" : ` · now ${standing.toLowerCase()}`;
  const row = el("tr", { class: "finding" },
    cell("Severity", null, severity(alert.severity)),
    cell("Dealing", null, direction(alert), el("span", { class: "sub" }, phase(alert) + now), flood(alert)),
    cell("Amount", "number", amount(alert.amount)),
    cell("Listed", null, hex(alert.listed, "address")),
    cell("Counterparty", null, hex(alert.counterparty, "address")),
    cell("Block", null, grouped(String(alert.at.block)),
      el("time", { class: "sub", datetime: alert.at.time }, time(alert.at.time))),
    cell("Chain says", "keep", el("span", { class: `chain ${alert.confirmation}` }, word),
      el("span", { class: "sub" }, meaning)),
    el("td", { class: "act keep" }, why));
  row.classList.toggle("retracted-row", alert.confirmation === "retracted");
  row.classList.toggle("open", isOpen);
  return row;
}

function detail(alert) {
  const { listing, at, amount: moved } = alert;
  const facts = [
    ["Rule", alert.rule, RULES[alert.rule]],
    ["Policy", alert.policy],
    ["Source lists", listing.sources.join(", ")],
    ["Ids of the designated persons", listing.uids.join(", ")],
    ["The address stands now", ...STANDING[listing.standing]],
    ["Act that listed the address", `No. ${listing.act}`],
    ["SHA-256 of the act's manifest", hex(listing.manifest)],
    ["Transaction", hex(at.tx_hash), at.log_index === null ? "the transaction itself" : `log ${at.log_index} of the block`],
    ["Kind", KINDS[moved.kind] ?? moved.kind, VERIFICATIONS[alert.verification]],
    moved.token_id ? ["Id of the token", moved.token_id] : null,
    moved.token_says ? ["The token says of itself, unproved",
      own([moved.token_says.name, moved.token_says.symbol].filter(Boolean).join(" · ") || "only decimals")] : null,
    ["Block", hex(at.block_hash)],
    ["Signed by", hex(at.signer)],
    moved.token ? ["Token contract", hex(moved.token)] : null,
    ["Amount in the smallest unit", moved.raw],
    ["Finding", alert.id],
  ].filter(Boolean);
  const list = el("dl");
  for (const [name, value, note] of facts) {
    list.append(el("div", null, el("dt", null, name),
      el("dd", null, value, note ? el("span", { class: "sub" }, note) : null)));
  }
  return el("tr", { class: "detail" }, el("td", { colspan: "8" }, list));
}

function all() {
  const known = new Set(first.alerts.map((alert) => alert.id));
  return first.alerts.concat(rest.alerts.filter((alert) => !known.has(alert.id)));
}

function render() {
  const alerts = all();
  const next = rest.next === undefined ? first.next : rest.next;
  const now = JSON.stringify([alerts, [...open], next]);
  table.hidden = alerts.length === 0;
  older.hidden = !next;
  renderState(alerts.length);
  if (now === shown) return;
  shown = now;
  const focused = document.activeElement?.dataset?.id;
  body.replaceChildren(...alerts.flatMap((alert) =>
    open.has(alert.id) ? [finding(alert), detail(alert)] : [finding(alert)]));
  if (focused) body.querySelector(`button[data-id="${focused}"]`)?.focus();
}

function renderState(count) {
  state.hidden = count > 0 || reached === null;
  if (state.hidden) return;
  const say = (title, text) => state.replaceChildren(el("b", null, title), text);
  if (filtered()) {
    say("No finding fits these filters", "Widen or clear them to see others.");
  } else if (health?.listed_addresses === 0) {
    say("The list is empty", "Nothing can be found before an act lists an address: plan one with " +
      "“interdict plan” and take it through the council. It is taken in here by itself.");
  } else {
    say("No findings", `${health?.listed_addresses ?? 0} listed addresses are watched; blocks up to ` +
      `${grouped(String(health?.cursor ?? 0))} have been screened. A dealing with one of them appears here at once.`);
  }
}

function renderStatus() {
  const status = byId("status");
  if (health === null) return;
  const part = (name, value) => el("span", null, `${name} `, el("b", null, value));
  const number = (value) => (value === null ? "unknown" : grouped(String(value)));
  const good = health.ready && reached !== "lost";
  const word = good ? (health.lag > 1 ? "Catching up" : "Following the chain") : "Not following";
  status.replaceChildren(
    el("span", null, el("i", { class: good ? "dot" : "dot bad" }), el("b", null, word)),
    part("screened to", number(health.cursor)), part("head", number(health.head)),
    part("behind", health.lag === null ? "unknown" : `${number(health.lag)} blocks`),
    part("final to", number(health.finalized)), part("listed", number(health.listed_addresses)));
  if (health.lookbacks_open > 0) status.append(part("looking back", String(health.lookbacks_open)));
}

function renderBanner(problem) {
  banner.hidden = problem === null;
  if (problem) banner.replaceChildren(el("b", null, problem[0]), problem[1]);
}

const filtered = () => FILTERS.some((name) => form.elements[name].value !== "");

function query(cursor) {
  const parameters = new URLSearchParams({ limit: String(PAGE_ROWS), shown: "floods" });
  for (const name of FILTERS) {
    const value = form.elements[name].value.trim();
    if (value) parameters.set(name, value);
  }
  if (cursor) parameters.set("cursor", cursor);
  return `/v1/alerts?${parameters}`;
}

async function ask(path, isHealth = false) {
  const answer = await fetch(path, { signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS) });
  const json = await answer.json();
  if (!answer.ok && !isHealth) throw Object.assign(new Error(json.error), { next: json.next });
  return json;
}

// What newer findings push off the first page belongs to the pages below, once these are shown.
function keepPushedDown(page) {
  const last = page.alerts.at(-1);
  if (rest.next === undefined || !last) return;
  const known = new Set([...page.alerts, ...rest.alerts].map((alert) => alert.id));
  const pushed = first.alerts.filter((alert) =>
    !known.has(alert.id) && alert.at.block <= last.at.block);
  rest.alerts = pushed.concat(rest.alerts);
}

async function poll() {
  const mine = ++round;
  let problem = null;
  try {
    const [page, standing] = await Promise.all([ask(query()), ask("/readyz", true)]);
    if (mine !== round) return;
    keepPushedDown(page);
    [first, health, reached] = [page, standing, "here"];
    if (!health.ready) {
      problem = ["Findings may be missing: the chain is not followed", `${health.reason}. It goes on by itself once that is over.`];
    } else if (health.warnings.length > 0) {
      problem = ["Nothing is missing, but look at the providers", `${health.warnings.join("; ")}.`];
    }
  } catch (error) {
    if (mine !== round) return;
    if (error.next) {
      problem = [`${error.message}`, `Please ${error.next}.`];
    } else {
      problem = ["The indexer does not answer", "What is shown may be old. See whether interdict-indexer runs; this page asks again by itself."];
      if (reached !== null) reached = "lost";
    }
  }
  renderBanner(problem);
  renderStatus();
  render();
}

async function loop() {
  if (!document.hidden) await poll();
  setTimeout(loop, POLL_MS);
}

function readUrl() {
  const parameters = new URLSearchParams(location.search);
  for (const name of FILTERS) form.elements[name].value = parameters.get(name) ?? "";
}

function changed() {
  const parameters = new URLSearchParams();
  for (const name of FILTERS) {
    const value = form.elements[name].value.trim();
    if (value) parameters.set(name, value);
  }
  const search = parameters.toString();
  history.replaceState(null, "", search ? `?${search}` : location.pathname);
  byId("clear").hidden = !filtered();
  rest = { alerts: [], next: undefined };
  poll();
}

form.addEventListener("change", changed);
form.addEventListener("submit", (event) => { event.preventDefault(); changed(); });
// The fields are emptied after the event.
form.addEventListener("reset", () => setTimeout(changed, 0));
document.addEventListener("visibilitychange", () => { if (!document.hidden) poll(); });
body.addEventListener("click", (event) => {
  const id = event.target.closest("button[data-id]")?.dataset.id;
  if (!id) return;
  if (!open.delete(id)) open.add(id);
  render();
});
older.addEventListener("click", async () => {
  const cursor = rest.next === undefined ? first.next : rest.next;
  try {
    const page = await ask(query(cursor));
    rest = { alerts: all().slice(first.alerts.length).concat(page.alerts), next: page.next };
    render();
  } catch {
    renderBanner(["Older findings could not be fetched", "See whether the indexer runs, then try again."]);
  }
});

readUrl();
byId("clear").hidden = !filtered();
loop();
