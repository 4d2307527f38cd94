// SPDX-License-Identifier: Apache-2.0

// Signs links and cookies with aws-cloudfront-sign. docs/migrate.md shows it.

const { getSignedCookies, getSignedUrl } = require("aws-cloudfront-sign");

const [keypairId, privateKeyPath, , end] = process.argv.slice(2);
const options = { keypairId, privateKeyPath, expireTime: end * 1000 };

const report = getSignedUrl("https://cdn.example.com/report.pdf", options);
// It has no start, and signs a URL only for itself.
const trailer = getSignedUrl("https://cdn.example.com/videos/trailer.mp4", { ...options, ipRange: "192.0.2.0/24" });
const cookies = getSignedCookies("https://cdn.example.com/videos/*", { ...options, ipRange: "192.0.2.0/24" });

console.log(JSON.stringify({ report, trailer, cookies }));
