#!/usr/bin/node
// SPDX-License-Identifier: Apache-2.0
//
// npm.js SCHEME - what node-semver (Debian packages nodejs and node-semver) says about lines
// "A B".  It is the native comparator of npm, and stands for others that have none in
// Debian 12 and follow the same specification:
//
//	npm	semver.clean() and compare(), nothing added
//	cargo, hex	a version begins with a digit: node-semver takes a "v", they do not
//	semver	before node-semver reads it, what OSV's evaluator does to a version: one "v" off,
//		numbers left out are 0, zeros in front of numbers off
//	pub	begins with a digit; zeros in front of numbers off; compareBuild(), which orders
//		builds as Dart does
//	nuget	upper case, which is how .NET compares labels; numbers left out are 0, zeros in
//		front of the first three off
//
// Skipped, a pair with one of these in it:
//
//	all	a number above 2^53 - 1: node-semver refuses it or, in a label, rounds it; ours
//		has no limit
//	nuget	a fourth number; a label that .NET takes for a number and SemVer does not (-5),
//		or the other way round (beyond 2^31 - 1)
"use strict";

const fs = require("fs");

const FOLDER = "/usr/share/nodejs/semver/";
const CORE = /^([0-9]+)(?:\.([0-9]+))?(?:\.([0-9]+))?((?:[^0-9.].*)?)$/s;
const OVER_INT32 = 2147483647;

let clean, compare, compareBuild, parse;
try {
	clean = require(FOLDER + "functions/clean");
	compare = require(FOLDER + "functions/compare");
	compareBuild = require(FOLDER + "functions/compare-build");
	parse = require(FOLDER + "functions/parse");
} catch (error) {
	console.error("skipped: no node-semver: " + error.message);
	process.exit(77);
}

function withoutZeros(labels) {
	return labels.split(".").map((l) => l.replace(/^0+(?=[0-9]+$)/, "")).join(".");
}

// Zeros in front of the numbers and, of LABELS too, of the labels; three numbers at least.
function padded(text, labels) {
	const core = CORE.exec(text);
	if (core === null)
		return text;
	const numbers = core.slice(1, 4).map((n) => (n || "0").replace(/^0+(?=[0-9])/, ""));
	const plus = core[4].indexOf("+");
	let pre = plus < 0 ? core[4] : core[4].slice(0, plus);
	let build = plus < 0 ? "" : core[4].slice(plus);
	if (labels && pre[0] === "-")
		pre = "-" + withoutZeros(pre.slice(1));
	if (labels && build !== "")
		build = "+" + withoutZeros(build.slice(1));
	return numbers.join(".") + pre + build;
}

function beginsWithDigit(text) {
	return /^[0-9]/.test(text) ? parse(text) : null;
}

function hasThreeNumbers(text) {
	return /^[0-9]+\.[0-9]+\.[0-9]/.test(text);
}

const readers = {
	npm: (text) => parse(clean(text)),
	cargo: beginsWithDigit,
	hex: beginsWithDigit,
	semver: (text) => beginsWithDigit(padded(text.replace(/^v/, ""), true)),
	pub: (text) => hasThreeNumbers(text) ? parse(padded(text, true)) : null,
	nuget: (text) => beginsWithDigit(padded(text.toUpperCase(), false)),
};

// The first hyphen is where the labels begin; others belong to them.
function hasLongNumber(text) {
	const parts = text.replace(/^[=v]+/, "").replace("-", ".").split(/[.+]/);
	return parts.some((part) => /^[0-9]+$/.test(part) && +part > Number.MAX_SAFE_INTEGER);
}

function isOddNuget(text) {
	if (/^[0-9]+\.[0-9]+\.[0-9]+\.[0-9]/.test(text))
		return true;
	const labels = text.replace(/\+.*/, "").split("-").slice(1).join("-").split(".");
	return labels.some((l) => /^-[0-9]+$/.test(l) || (/^[0-9]+$/.test(l) && +l > OVER_INT32));
}

function answers(scheme, lines) {
	const read = readers[scheme];
	const order = scheme === "pub" ? compareBuild : compare;
	const isOdd = scheme === "nuget" ? isOddNuget : () => false;

	return lines.map((line) => {
		const [a, b] = line.split(" ");
		if (hasLongNumber(a) || hasLongNumber(b) || isOdd(a) || isOdd(b))
			return "skip";
		const x = read(a), y = read(b);
		return x === null || y === null ? "unparsable" : String(order(x, y));
	});
}

const scheme = process.argv[2] || "npm";
if (!(scheme in readers)) {
	console.error("npm.js: no scheme " + scheme);
	process.exit(1);
}
const lines = fs.readFileSync(0, "ascii").split("\n");
if (lines[lines.length - 1] === "")
	lines.pop();
fs.writeFileSync(1, answers(scheme, lines).map((l) => l + "\n").join(""));
