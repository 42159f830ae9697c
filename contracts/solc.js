#!/usr/bin/env node
// The pinned solc of node_modules in the clothes of the native compiler, which is what forge asks
// for: it states its version, or reads standard JSON from stdin and answers it on stdout. The input
// carries every source, so the flags that say where to look for files mean nothing here.
"use strict";

const { readFileSync } = require("node:fs");
const solc = require("solc");

if (process.argv.includes("--version")) {
  process.stdout.write(`solc, the solidity compiler\nVersion: ${solc.version()}\n`);
} else {
  process.stdout.write(solc.compile(readFileSync(0, "utf8")));
}
