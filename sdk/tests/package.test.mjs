// The package as it would be published: small, without dependencies, and right for every resolver.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";

import { checkPackage, createPackageFromTarballData } from "@arethetypeswrong/core";
import { build } from "esbuild";
import { publint } from "publint";
import { formatMessage } from "publint/utils";

const CORE_MAX_BYTES = 3000;
const root = fileURLToPath(new URL("..", import.meta.url));
const manifest = JSON.parse(readFileSync(`${root}package.json`, "utf8"));
let folder;
let tarball;

before(() => {
  folder = mkdtempSync(join(tmpdir(), "sdk-"));
  const args = ["pack", "--ignore-scripts", "--json", "--pack-destination", folder];
  const [{ filename }] = JSON.parse(execFileSync("npm", args, { cwd: root, encoding: "utf8" }));
  tarball = readFileSync(join(folder, filename));
});
after(() => rmSync(folder, { recursive: true }));

/** A page that has only these lines, as a bundler would ship it. */
const bundle = async (contents, external = []) => {
  const { outputFiles, metafile } = await build({
    stdin: { contents, resolveDir: root },
    bundle: true,
    minify: true,
    format: "esm",
    target: "es2022",
    write: false,
    metafile: true,
    logLevel: "error",
    external,
  });
  return { text: outputFiles[0].text, inputs: Object.keys(metafile.inputs) };
};

test(`the core entry is under ${CORE_MAX_BYTES} bytes, minified and gzipped`, async (t) => {
  const { text } = await bundle('export * from "@interdict/sdk"');
  const size = gzipSync(text, { level: 9 }).length;
  t.diagnostic(`core: ${size} bytes`);
  assert.ok(size < CORE_MAX_BYTES, `${size} bytes`);
});

test("no bundle has ethers, viem or a hash that it did not ask for", async () => {
  const light = ["", "/ethers", "/viem", "/watch", "/http", "/words", "/server", "/addresses"];
  for (const entry of light) {
    const { inputs, text } = await bundle(`export * from "@interdict/sdk${entry}"`);
    assert.ok(
      inputs.every((path) => !path.includes("node_modules")),
      `${entry}: ${inputs}`,
    );
    assert.doesNotMatch(text, /keccak/i);
  }
  const { inputs } = await bundle('export * from "@interdict/sdk/react"', ["react"]);
  assert.ok(
    inputs.every((path) => !path.includes("node_modules")),
    `${inputs}`,
  );
  const { text } = await bundle('import { lists } from "@interdict/sdk/addresses"; void lists;');
  assert.equal(text.trim(), "", "an import that is not used leaves nothing");
});

test("the package needs nothing at run time, and what it bundles names its author", () => {
  assert.equal(manifest.dependencies, undefined);
  const optional = Object.entries(manifest.peerDependenciesMeta).filter(
    ([, { optional }]) => optional,
  );
  assert.deepEqual(
    optional.map(([name]) => name),
    Object.keys(manifest.peerDependencies),
  );
  const modules = readdirSync(`${root}dist`).filter((name) => name.endsWith(".js"));
  const code = modules.map((name) => readFileSync(`${root}dist/${name}`, "utf8")).join("");
  assert.match(code, /@noble\/hashes, MIT License/);
  assert.match(code, /@noble\/curves, MIT License/);
  assert.match(
    readFileSync(`${root}LICENSE`, "utf8"),
    /Permission is hereby granted[\s\S]*Paul Miller/,
  );
});

test("publint finds nothing", async () => {
  const { messages } = await publint({
    strict: true,
    pack: { tarball: new Uint8Array(tarball).buffer },
  });
  assert.deepEqual(
    messages.map((message) => formatMessage(message, manifest)),
    [],
  );
});

test("arethetypeswrong finds nothing, for whoever can import modules", async () => {
  const { problems } = await checkPackage(createPackageFromTarballData(tarball));
  // The package is ESM: a `require` of Node 16 and old resolvers that know no `exports` cannot.
  const isOurs = ({ kind, resolutionKind }) =>
    kind !== "CJSResolvesToESM" && resolutionKind !== "node10" && resolutionKind !== "node16-cjs";
  assert.deepEqual(problems.filter(isOurs), []);
});

test("the package has what its entries name, and nothing of the tests", () => {
  const files = execFileSync("tar", ["-tzf", "-"], { input: tarball, encoding: "utf8" }).split(
    "\n",
  );
  for (const entry of Object.values(manifest.exports)) {
    for (const path of typeof entry === "string" ? [entry] : Object.values(entry)) {
      assert.ok(files.includes(path.replace("./", "package/")), path);
    }
  }
  const other = files.filter(
    (name) => name && !/^package\/(dist\/|package\.json|README\.md|LICENSE)/.test(name),
  );
  assert.deepEqual(other, []);
});
