// How the pages are served: by one document, under a policy that lets in nothing from elsewhere.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { world } from "./world.mjs";

let site;
before(async () => {
  site = await world();
});
after(() => site?.close());

test("the document is asked each time, what it is made of is kept for ever", async () => {
  const page = await fetch(`${site.url}/`);
  const text = await page.text();
  assert.equal(page.headers.get("cache-control"), "no-store");
  const policy = page.headers.get("content-security-policy");
  assert.doesNotMatch(policy, /unsafe|https?:|\*/);
  assert.match(policy, /^default-src 'none'; script-src 'self'; style-src 'self';/);
  assert.doesNotMatch(text, /<style|style=|<script(?![^>]+src=)|https?:\/\//);
  const assets = [...text.matchAll(/(?:src|href)="(\/assets\/[^"]+)"/g)].map(([, path]) => path);
  assert.ok(assets.length >= 4, text);
  for (const path of assets) {
    const asset = await fetch(`${site.url}${path}`);
    assert.equal(asset.status, 200, path);
    assert.match(asset.headers.get("cache-control"), /immutable/);
    assert.equal(asset.headers.get("x-content-type-options"), "nosniff");
  }
  for (const path of ["/alerts/0", "/settings/tokens", "/sign-in"]) {
    assert.equal(await (await fetch(`${site.url}${path}`)).text(), text, path);
  }
  assert.equal((await fetch(`${site.url}/nowhere`)).status, 404);
});
