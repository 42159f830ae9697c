// Builds dist/: one module an entry point, parts shared between them, and the types. What hashes is
// bundled, so that the package has no dependency at run time.
import { execFileSync } from "node:child_process";
import { rmSync } from "node:fs";
import { fileURLToPath } from "node:url";

import { build } from "esbuild";

const root = fileURLToPath(new URL("..", import.meta.url));
export const ENTRIES = [
  "index",
  "watch",
  "http",
  "words",
  "local",
  "signed",
  "ethers",
  "viem",
  "react",
  "server",
  "abi",
  "addresses",
];

rmSync(`${root}dist`, { recursive: true, force: true });
await build({
  absWorkingDir: root,
  entryPoints: ENTRIES.map((name) => `src/${name}.ts`),
  outdir: "dist",
  bundle: true,
  splitting: true,
  format: "esm",
  platform: "neutral",
  target: "es2022",
  external: ["react"],
  legalComments: "inline",
  logLevel: "warning",
});
execFileSync(process.execPath, [`${root}node_modules/typescript/bin/tsc`, "-p", root], {
  stdio: "inherit",
});
