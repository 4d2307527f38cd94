// SPDX-License-Identifier: Apache-2.0

// Runs the program of the page in Node.
//
//	node answer.mjs wasm_exec.js playground.wasm <requests.json
//
// The requests are a list of [function, request] with both as texts. It prints the list of answers.
import { readFileSync, writeFileSync } from "node:fs";
import { runInThisContext } from "node:vm";

const [glue, program] = process.argv.slice(2);
runInThisContext(readFileSync(glue, "utf8"));
const go = new Go();
const { instance } = await WebAssembly.instantiate(readFileSync(program), go.importObject);
go.run(instance);
const requests = JSON.parse(readFileSync(0, "utf8"));
writeFileSync(1, JSON.stringify(requests.map(([name, request]) => globalThis.cfsign[name](request))));
process.exit(0); // the program waits for more
