// The committed artifacts: ABI and bytecode of what is deployed, as `forge build` made them.
//   node contracts/artifacts.mjs          writes them
//   node contracts/artifacts.mjs --check  exits 1 if a committed one is not what was built
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const BUILT = "target/forge";
const COMMITTED = {
  "contracts/artifacts": ["AccessManager", "Blocklist", "Council", "Seats", "SignedAct"],
  "tests/contracts/artifacts": [
    "Collectible",
    "DemoToken",
    "FakeToken",
    "FeeToken",
    "Multi",
    "Passer",
    "SilentToken",
    "WrappedCoin",
  ],
};

const sorted = (value) => {
  if (Array.isArray(value)) return value.map(sorted);
  if (value === null || typeof value !== "object") return value;
  const keys = Object.keys(value).sort();
  return Object.fromEntries(keys.map((key) => [key, sorted(value[key])]));
};

const readOrNull = (path) => {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    if (error.code === "ENOENT") return null;
    throw error;
  }
};

const artifact = (contractName) => {
  const path = join(root, BUILT, `${contractName}.sol`, `${contractName}.json`);
  const text = readOrNull(path);
  if (text === null) {
    console.error(`${BUILT}/${contractName}.sol is missing: run \`forge build\` first`);
    process.exit(1);
  }
  const { abi, bytecode, deployedBytecode } = JSON.parse(text);
  const value = {
    contractName,
    abi,
    bytecode: bytecode.object,
    deployedBytecode: deployedBytecode.object,
  };
  return `${JSON.stringify(sorted(value), null, 2)}\n`;
};

const check = process.argv.includes("--check");
const stale = [];
for (const [folder, names] of Object.entries(COMMITTED)) {
  for (const name of names) {
    const path = join(folder, `${name}.json`);
    const text = artifact(name);
    if (check) {
      if (readOrNull(join(root, path)) !== text) stale.push(path);
    } else {
      mkdirSync(join(root, folder), { recursive: true });
      writeFileSync(join(root, path), text);
    }
  }
}

if (stale.length > 0) {
  console.error(stale.map((path) => `${path} differs from the build`).join("\n"));
  console.error("stale: run `make bless`");
  process.exit(1);
}
