// SPDX-License-Identifier: Apache-2.0

// This script shows what the program answers. Whatever was pasted becomes text, never markup.
"use strict";

const find = (id) => document.getElementById(id);

// element returns an element with a class and children, which are elements or texts.
function element(name, kind, ...children) {
	const made = document.createElement(name);
	if (kind) made.className = kind;
	made.append(...children.filter((child) => child !== "" && child !== undefined));
	return made;
}

const list = (texts) => element("ul", "", ...texts.map((text) => element("li", "", text)));

// section returns a heading and what is below it, or nothing if there is nothing below it.
function section(title, ...children) {
	return children.length > 0 ? [element("h2", "", title), ...children] : [];
}

// run starts the program.
async function run() {
	if (unsealed.length > 0) throw new Error("this browser does not let the page give up " + unsealed[0]);
	const packed = find("program");
	const file = Uint8Array.from(atob(packed.textContent), (character) => character.charCodeAt(0));
	const go = new Go();
	const { instance } = await WebAssembly.instantiate(decompress(file, Number(packed.dataset.size)), go.importObject);
	packed.remove();
	go.run(instance);
}

// The state of the program: "loading", "ready" or "failed".
let state = "loading";

// ask calls a function of the program. A program that has stopped, as without memory, cannot answer.
function ask(name, request) {
	if (state !== "ready") return { error: "the program did not start: see the message above the form" };
	try {
		return JSON.parse(globalThis.cfsign[name](request instanceof Uint8Array ? request : JSON.stringify(request)));
	} catch {
		return { error: "the program has stopped, perhaps because the text is too large for this browser: load the page again" };
	}
}

// values returns the values of the fields with these names.
function values(...names) {
	return Object.fromEntries(names.map((name) => [name, find(name).value]));
}

// showError shows an error at its field, and clears fields with a private key. It returns the error if
// a screen reader does not say it, because no field got the focus.
function showError(answer, form) {
	for (const error of form.querySelectorAll(".error")) error.textContent = "";
	for (const field of form.querySelectorAll("[aria-invalid]")) field.removeAttribute("aria-invalid");
	for (const name of answer.forget ?? []) {
		find(name).value = "";
		find(name + "-error").textContent = "The field was cleared.";
	}
	if (!answer.error) return "";
	const text = answer.error[0].toUpperCase() + answer.error.slice(1).replace(/[?.]?$/, (end) => end || ".");
	find(answer.field ? answer.field + "-error" : form.querySelector(".error").id).textContent = text;
	const field = answer.field && find(answer.field);
	if (!field) return text;
	field.setAttribute("aria-invalid", "true");
	field.closest("details")?.setAttribute("open", "");
	if (document.activeElement === field) return text;
	field.focus();
	return "";
}

// explain shows the explanation of what is in the fields.
function explain() {
	const key = { id: find("keyPairID").value, pem: find("publicKey").value };
	show(ask("explain", { ...values("text", "response", "cookies", "address", "at"), publicKeys: [key] }));
}

// show shows an explanation or an error.
function show(answer) {
	const unsaid = showError(answer, find("explain"));
	const parts = answer.explanation ? explanationParts(answer) : answer.error ? [element("p", "error", "Nothing was explained: see the message at the field.")] : [];
	find("explanation").replaceChildren(...parts);
	say(unsaid, answer.explanation?.key?.text, answer.summary, answer.responseFrom && "The answer is from " + answer.responseFrom, answer.causes?.[0]);
}

// say lets a screen reader say what has changed. It reads errors with their fields.
function say(...texts) {
	find("said").textContent = texts.filter(Boolean).join(". ");
}

function explanationParts(answer) {
	const e = answer.explanation;
	if (e.key) return keyParts(e.key, answer.forget);
	const [likely, ...others] = answer.causes ?? [];
	return [
		...(e.report ? [element("p", "verdict " + e.report.verdict, answer.summary)] : []),
		...(e.response ? responseParts(e.response, answer.responseFrom) : []),
		...(likely ? section("Likely cause, and the fix", element("p", "cause", likely)) : []),
		...section("Or", ...(others.length > 0 ? [list(others)] : [])),
		...section("What may be wrong with the signature", ...(e.suspects ? [list(e.suspects)] : [])),
		...policyParts(e),
		...(e.report ? section("Checks", checkTable(e.report.checks)) : []),
		...section("Notes", ...(answer.notes ? [list(answer.notes)] : [])),
		element("p", "hint", (e.readAs ? "Read as: " + e.readAs + ". " : "") + "Checked as of " + e.at.replace(/\.\d+/, "") + "."),
	];
}

function keyParts(key, forgotten) {
	return [
		element("p", "verdict " + (key.works ? "allowed" : "denied"), key.text),
		...(forgotten ? [element("p", "cause", "The page does not keep a private key: the field was cleared. Never paste a private key into a web page.")] : []),
		...(key.damage ? [element("p", "", key.damage)] : []),
		...(key.advice ? [element("p", "", key.advice + ".")] : []),
	];
}

function responseParts(response, from) {
	if (!from) return section("The answer", element("p", "", "The answer is not a refusal."));
	const said = [response.code, response.message && `"${response.message}"`].filter(Boolean).join(" ");
	return section("The answer", element("p", "", "It is from " + from + (said ? ": " + said : "") + "."),
		...(response.explanation ? [element("p", "", "A local edge explains: " + response.explanation)] : []));
}

function policyParts(e) {
	const words = e.policy || e.report?.policy;
	const proven = e.report?.checks.some((check) => check.name === "signature" && check.outcome === "passed");
	const title = e.policy ? "Policy, without a signature" : proven ? "Policy" : "Policy (signature not verified)";
	return [
		...section(title, ...(words ? [element("p", "", words)] : [])),
		...section("Policy document, as it was sent", ...(e.document ? [element("pre", "", e.document)] : [])),
	];
}

function checkTable(checks) {
	const rows = checks.map((check) => {
		const detail = [check.detail || (check.needs && "needs the check " + check.needs), check.queries].filter(Boolean).join(": ");
		const row = element("tr", check.outcome === "not reached" ? "skipped" : "", element("th", "", check.name), element("td", "outcome " + check.outcome.replace("not reached", "skipped"), check.outcome), element("td", "", detail));
		row.firstChild.scope = "row";
		return row;
	});
	const head = element("tr", "", ...["Check", "Result", "Detail"].map((title) => {
		const cell = element("th", "", title);
		cell.scope = "col";
		return cell;
	}));
	return element("table", "", element("thead", "", head), element("tbody", "", ...rows));
}

// sign shows what the program signs.
function sign() {
	const policy = document.querySelector("input[name=policy]:checked").value;
	const answer = ask("sign", { ...values("url", "pattern", "expires", "start", "range", "domain"), policy });
	const unsaid = showError(answer, find("sign"));
	find("signed").replaceChildren(...(answer.signed ? signedParts(answer.signed) : []));
	say(unsaid, answer.signed && "Signed. " + answer.signed.allows);
}

function signedParts(signed) {
	const take = element("button", "", "Explain this URL");
	take.type = "button";
	take.addEventListener("click", () => takeOver(signed, signed.url, ""));
	const takeCookies = element("button", "", "Explain these cookies");
	takeCookies.type = "button";
	takeCookies.addEventListener("click", () => takeOver(signed, signed.unsigned, "Cookie: " + signed.cookieHeader));
	return [
		...section("Signed URL", element("pre", "", signed.url), element("div", "actions", take), partTable("Parameter", signed.query)),
		...section("Signed cookies", partTable("Cookie", signed.cookies), element("div", "actions", takeCookies), element("p", "", "A server sets them with:"), element("pre", "", signed.setCookies.join("\n"))),
		...section(signed.canned ? "Policy (canned)" : "Policy (custom)", element("p", "", signed.allows), element("p", "", "Exactly these bytes are signed:"), element("pre", "", signed.document)),
		...section("Public key", element("p", "", "CloudFront would need this key, in the key group that the behavior trusts:"), element("pre", "", signed.publicKey)),
	];
}

function partTable(title, parts) {
	const rows = parts.map((part) => {
		const row = element("tr", "", element("th", "", part.name), element("td", "", element("code", "", part.value)), element("td", "", part.meaning));
		row.firstChild.scope = "row";
		return row;
	});
	const head = element("tr", "", ...[title, "Value", "What it is for"].map((text) => {
		const cell = element("th", "", text);
		cell.scope = "col";
		return cell;
	}));
	return element("table", "parts", element("thead", "", head), element("tbody", "", ...rows));
}

// takeOver explains what was signed.
function takeOver(signed, text, cookies) {
	find("explain").reset();
	find("text").value = text;
	find("cookies").value = cookies;
	find("publicKey").value = signed.publicKey;
	find("keyPairID").value = signed.keyPairID;
	find("more").open = true;
	select(find("tab-explain"));
	explain();
	find("explanation").focus();
}

// select shows the panel of a tab.
function select(tab) {
	for (const other of document.querySelectorAll("[role=tab]")) {
		const selected = other === tab;
		other.setAttribute("aria-selected", String(selected));
		other.tabIndex = selected ? 0 : -1;
		find(other.getAttribute("aria-controls")).hidden = !selected;
	}
}

// addTabs makes the tabs work with the mouse and with the arrow keys.
function addTabs() {
	const tabs = [...document.querySelectorAll("[role=tab]")];
	for (const [i, tab] of tabs.entries()) {
		tab.addEventListener("click", () => select(tab));
		tab.addEventListener("keydown", (event) => {
			const step = { ArrowRight: 1, ArrowLeft: -1, Home: -i, End: tabs.length - 1 - i }[event.key];
			if (step === undefined) return;
			const next = tabs[(i + step + tabs.length) % tabs.length];
			event.preventDefault();
			select(next);
			next.focus();
		});
	}
}

// addForm calls submit for the button, for Ctrl+Enter and, in a field of one line, for Enter. While the
// program loads, they do nothing.
function addForm(form, submit) {
	form.addEventListener("submit", (event) => {
		event.preventDefault();
		if (state !== "loading") submit();
	});
	form.addEventListener("keydown", (event) => {
		if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) form.requestSubmit();
	});
	form.addEventListener("reset", () => {
		showError({}, form);
		find("explanation").replaceChildren();
		say();
	});
	for (const field of fieldsOf(form)) addCheck(field, form);
}

// addCheck clears a field as soon as it has a private key: after a paste at once, and otherwise when the
// user pauses.
function addCheck(field, form) {
	const pause = 300; // milliseconds
	let timer;
	field.addEventListener("paste", () => setTimeout(() => field.id === "text" ? form.requestSubmit() : check([field], form, true)));
	field.addEventListener("input", () => {
		clearTimeout(timer);
		timer = setTimeout(() => check([field], form, false), pause);
	});
}

// fieldsOf returns the fields of a form that take text.
const fieldsOf = (form) => [...form.querySelectorAll("textarea, input[id]:not([type])")];

// check clears the fields that have something private.
function check(fields, form, pasted) {
	if (state !== "ready") return;
	const answers = fields.map((field) => ask("check", { field: field.id, text: field.value, pasted })).filter((answer) => answer.error);
	if (answers.length > 0) say(showError({ ...answers[0], forget: answers.flatMap((answer) => answer.forget ?? []) }, form));
}

// addFile puts the text of a file into the field, unless it is a private key. The file can be UTF-16, as
// PowerShell writes it.
function addFile() {
	find("file").addEventListener("change", async (event) => {
		const file = event.target.files[0];
		event.target.value = "";
		if (!file || state !== "ready") return;
		const largest = 64 << 20; // as for the program, and far below what a browser can read
		if (file.size > largest) {
			show({ error: "the file is too long: open only the request that was refused (at most 1 MiB, a HAR file 64 MiB)", field: "text" });
			return;
		}
		const bytes = new Uint8Array(await file.arrayBuffer());
		const answer = ask("checkFile", bytes); // a private key in binary form is no text
		if (answer.error || answer.explanation) {
			show(answer);
			return;
		}
		const encoding = bytes[0] === 0xff && bytes[1] === 0xfe ? "utf-16le" : bytes[0] === 0xfe && bytes[1] === 0xff ? "utf-16be" : "utf-8";
		find("text").value = new TextDecoder(encoding).decode(bytes);
		find("explain").requestSubmit();
	});
}

async function start() {
	addTabs();
	addForm(find("explain"), explain);
	addForm(find("sign"), sign);
	addFile();
	try {
		await run();
	} catch (error) {
		state = "failed";
		find("loading").className = "error";
		find("loading").textContent = "The program cannot start: " + error.message + ". Use a current browser, or the command cfsign explain.";
		return;
	}
	state = "ready";
	find("loading").hidden = true;
	for (const control of document.querySelectorAll("button.main, #file")) control.disabled = false;
	// What was pasted before the program was there:
	for (const form of document.forms) check(fieldsOf(form).filter((field) => field.id !== "text"), form, true);
	if (find("text").value.trim() !== "") explain();
}

setTimeout(start); // the page is shown first
