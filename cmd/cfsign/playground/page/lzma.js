// SPDX-License-Identifier: Apache-2.0

// decompress returns the content of a file in the .lzma format, which xz writes. Browsers
// decompress only formats that make the page a third longer. size is the length of the content.
//
// Source: the LZMA specification, https://www.7-zip.org/sdk.html.
function decompress(file, size) {
	const content = new Uint8Array(size);
	let length = 0;

	// The first byte says how many bits of the last byte and of the position are a context.
	const literalContextBits = file[0] % 9;
	const literalPositionMask = (1 << (Math.floor(file[0] / 9) % 5)) - 1;
	const positionMask = (1 << Math.floor(file[0] / 45)) - 1;

	// Every bit has a probability, which adapts. All probabilities are in one array, and each
	// kind of bit has a place in it.
	let places = 0;
	const place = (count) => (places += count) - count;
	const isMatch = place(12 * 16), isRepeat = place(12), isOther = place(12), isThird = place(12), isFourth = place(12), isLong = place(12 * 16);
	const slots = place(4 * 64), middleBits = place(128), alignBits = place(16);
	const matchLength = place(514), repeatLength = place(514);
	const literals = place(0x300 << (literalContextBits + Math.floor(file[0] / 9) % 5));
	const probabilities = new Uint16Array(places).fill(1024);

	// The range decoder: code is a number within range, in 32 bits. The header has 13 bytes, and
	// the first byte after it is zero.
	let next = 18, range = 0xffffffff;
	let code = (file[14] << 24 | file[15] << 16 | file[16] << 8 | file[17]) >>> 0;

	function normalize() {
		if (range < 0x1000000) {
			range = (range << 8) >>> 0;
			code = (code << 8 | file[next++]) >>> 0;
		}
	}

	function bit(at) {
		const probability = probabilities[at];
		const bound = (range >>> 11) * probability;
		if (code < bound) {
			range = bound;
			probabilities[at] = probability + ((2048 - probability) >> 5);
			normalize();
			return 0;
		}
		range -= bound;
		code -= bound;
		probabilities[at] = probability - (probability >> 5);
		normalize();
		return 1;
	}

	// bits reads a number, the highest bit first. Each bit chooses the probability of the next.
	function bits(at, count) {
		let node = 1;
		for (let i = 0; i < count; i++) node = node << 1 | bit(at + node);
		return node - (1 << count);
	}

	// reverseBits reads a number, the lowest bit first.
	function reverseBits(at, count) {
		let node = 1, number = 0;
		for (let i = 0; i < count; i++) {
			const b = bit(at + node);
			node = node << 1 | b;
			number |= b << i;
		}
		return number;
	}

	// plainBits reads bits without a probability.
	function plainBits(count) {
		let number = 0;
		for (let i = 0; i < count; i++) {
			range >>>= 1;
			const b = code >= range ? 1 : 0;
			if (b) code -= range;
			normalize();
			number = number << 1 | b;
		}
		return number;
	}

	function readLength(at, position) {
		if (!bit(at)) return 2 + bits(at + 2 + (position << 3), 3);
		if (!bit(at + 1)) return 10 + bits(at + 130 + (position << 3), 3);
		return 18 + bits(at + 258, 8);
	}

	function readDistance(copied) {
		const slot = bits(slots + (Math.min(copied - 2, 3) << 6), 6);
		if (slot < 4) return slot;
		const direct = (slot >> 1) - 1;
		const base = (2 | slot & 1) << direct;
		if (slot < 14) return base + reverseBits(middleBits + base - slot, direct);
		return ((base + (plainBits(direct - 4) << 4)) >>> 0) + reverseBits(alignBits, 4);
	}

	function readLiteral(state, distance) {
		const before = length > 0 ? content[length - 1] : 0;
		const context = ((length & literalPositionMask) << literalContextBits) + (before >> (8 - literalContextBits));
		const at = literals + 0x300 * context;
		let node = 1;
		if (state >= 7) { // after a match, the byte that would continue it is a context, too
			let expected = content[length - distance - 1];
			while (node < 0x100) {
				const want = expected >> 7 & 1;
				expected <<= 1;
				const got = bit(at + ((1 + want) << 8) + node);
				node = node << 1 | got;
				if (got !== want) break;
			}
		}
		while (node < 0x100) node = node << 1 | bit(at + node);
		return node & 0xff;
	}

	// The distances are the last four, the latest first. state says what the last operations were.
	let first = 0, second = 0, third = 0, fourth = 0, state = 0;
	while (length < size) {
		const position = length & positionMask;
		if (!bit(isMatch + (state << 4) + position)) {
			content[length] = readLiteral(state, first);
			length++;
			state = state < 4 ? 0 : state < 10 ? state - 3 : state - 6;
			continue;
		}
		let copied;
		if (!bit(isRepeat + state)) {
			copied = readLength(matchLength, position);
			[fourth, third, second] = [third, second, first];
			first = readDistance(copied);
			state = state < 7 ? 7 : 10;
		} else {
			if (!bit(isOther + state)) {
				if (!bit(isLong + (state << 4) + position)) {
					content[length] = content[length - first - 1];
					length++;
					state = state < 7 ? 9 : 11;
					continue;
				}
			} else if (!bit(isThird + state)) [first, second] = [second, first];
			else if (!bit(isFourth + state)) [first, second, third] = [third, first, second];
			else [first, second, third, fourth] = [fourth, first, second, third];
			copied = readLength(repeatLength, position);
			state = state < 7 ? 8 : 11;
		}
		const from = first + 1;
		if (from > length || length + copied > size || next > file.length) throw new Error("the page is damaged: load it again");
		for (const end = length + copied; length < end; length++) content[length] = content[length - from];
	}
	return content;
}
