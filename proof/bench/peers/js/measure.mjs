// SPDX-License-Identifier: Apache-2.0

// Measures @aws-sdk/cloudfront-signer for the Go program one folder up. It reads
// jobs from stdin and prints results, each one JSON value on a line. The first
// job sets up; the others do one kind of work once, for its output, or as often
// as fits into a time. One process serves all rounds, so that they are measured
// in compiled code.

import { createPrivateKey, sign } from "node:crypto";
import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";

const print = (value) => process.stdout.write(JSON.stringify(value) + "\n");

let signer;
try {
	signer = await import("@aws-sdk/cloudfront-signer");
} catch (error) {
	print({ missing: "@aws-sdk/cloudfront-signer", error: String(error) });
	process.exit(0);
}

const versionOf = (name) =>
	JSON.parse(readFileSync(new URL(`node_modules/${name}/package.json`, import.meta.url))).version;

// The SDK takes the key as PEM and parses it for every signature; it documents
// no other way. The bare operation has the parsed key.
let work;

function setUp({ keyPairId, keys, url, urls, policy, expires }) {
	work = {};
	const dateLessThan = new Date(expires * 1000).toISOString();
	const message = Buffer.from(policy);
	for (const [algorithm, privateKey] of Object.entries(keys)) {
		const parsed = createPrivateKey(privateKey);
		const common = { keyPairId, privateKey, algorithm: "SHA256" };
		let next = 0;
		work[algorithm] = {
			key: () => ({ signature: sign("sha256", message, parsed), hash: "SHA256" }),
			canned: () => ({ url: signer.getSignedUrl({ ...common, url, dateLessThan }) }),
			custom: () => ({ url: signer.getSignedUrl({ ...common, url, policy }) }),
			cookies: () => ({ cookies: signer.getSignedCookies({ ...common, policy }) }),
			thousand: () => ({ url: signer.getSignedUrl({ ...common, url: urls[next++ % urls.length], policy }) }),
		};
	}
	return {
		versions: {
			node: process.versions.node,
			"@aws-sdk/cloudfront-signer": versionOf("@aws-sdk/cloudfront-signer"),
			"OpenSSL in node": process.versions.openssl,
		},
	};
}

function measure(operation, nanoseconds) {
	const limit = BigInt(nanoseconds);
	const start = process.hrtime.bigint();
	let count = 0;
	let elapsed = 0n;
	for (let batch = 1; elapsed < limit; ) {
		for (let i = 0; i < batch; i++) operation();
		count += batch;
		elapsed = process.hrtime.bigint() - start;
		// Large enough batches that reading the clock costs nothing, small
		// enough that the time is kept.
		if ((elapsed * BigInt(batch)) / BigInt(count) < limit / 50n) batch *= 2;
	}
	return { count, nanoseconds: Number(elapsed) };
}

function answer(job) {
	if (job.setUp) return setUp(job.setUp);
	const operation = work[job.algorithm]?.[job.row];
	if (!operation) return { error: `no such work: ${job.algorithm}/${job.row}` };
	if (job.nanoseconds) return measure(operation, job.nanoseconds);
	const output = operation();
	if (output.signature) output.signature = output.signature.toString("base64");
	return output;
}

for await (const line of createInterface({ input: process.stdin })) {
	try {
		print(answer(JSON.parse(line)));
	} catch (error) {
		print({ error: String(error) });
	}
}
