// SPDX-License-Identifier: Apache-2.0

// A server in Node that passes requests on, as Next.js and Express do.
// node front.mjs PORT APPLICATION-PORT
import http from "node:http";

const [port, application] = process.argv.slice(2);

http.createServer((request, response) => {
	const upstream = http.request({
		host: "127.0.0.1", port: application, method: request.method, path: request.url, headers: request.headers,
	}, answer => {
		response.writeHead(answer.statusCode, answer.rawHeaders);
		answer.pipe(response);
	});
	upstream.on("error", error => {
		console.error(error.code);
		response.writeHead(502).end();
	});
	request.pipe(upstream);
}).listen(port, "127.0.0.1");
