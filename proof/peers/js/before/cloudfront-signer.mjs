// SPDX-License-Identifier: Apache-2.0

// Signs links and cookies with the AWS SDK for JavaScript. docs/migrate.md shows it.

import { readFileSync } from "node:fs";
import { getSignedCookies, getSignedUrl } from "@aws-sdk/cloudfront-signer";

const [keyPairId, keyFile, start, end] = process.argv.slice(2);
const common = { keyPairId, privateKey: readFileSync(keyFile, "utf8") };

const report = getSignedUrl({
	...common,
	url: "https://cdn.example.com/report.pdf",
	dateLessThan: new Date(end * 1000).toISOString(),
});
const policy = JSON.stringify({
	Statement: [
		{
			Resource: "https://cdn.example.com/videos/*",
			Condition: {
				DateLessThan: { "AWS:EpochTime": Number(end) },
				IpAddress: { "AWS:SourceIp": "192.0.2.0/24" },
				DateGreaterThan: { "AWS:EpochTime": Number(start) },
			},
		},
	],
});
const trailer = getSignedUrl({ ...common, url: "https://cdn.example.com/videos/trailer.mp4", policy });
const cookies = getSignedCookies({ ...common, policy });

console.log(JSON.stringify({ report, trailer, cookies }));
