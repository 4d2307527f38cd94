// SPDX-License-Identifier: Apache-2.0

// Runs the SQL statements in the JSON list on standard input with DuckDB, and prints the rows of
// the last statement as JSON.
import { readFileSync } from "node:fs";
import { DuckDBInstance } from "@duckdb/node-api";

const connection = await (await DuckDBInstance.create(":memory:")).connect();
let rows = [];
for (const statement of JSON.parse(readFileSync(0, "utf8"))) {
  rows = (await connection.runAndReadAll(statement)).getRowObjectsJson();
}
console.log(JSON.stringify(rows));
