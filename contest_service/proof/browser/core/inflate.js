// Deflate (RFC 1951), expanded in pieces, never further than was declared.

import { demand, Refused } from './refusal.js';

const HISTORY = 32_768;
const PIECE = 65_536;
const QUICK_BITS = 9;
const LENGTH_BASE = [
  3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 15, 17, 19, 23, 27, 31, 35, 43, 51, 59, 67, 83, 99, 115, 131,
  163, 195, 227, 258,
];
const LENGTH_BITS = [
  0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0,
];
const DISTANCE_BASE = [
  1, 2, 3, 4, 5, 7, 9, 13, 17, 25, 33, 49, 65, 97, 129, 193, 257, 385, 513, 769, 1025, 1537, 2049,
  3073, 4097, 6145, 8193, 12_289, 16_385, 24_577,
];
const DISTANCE_BITS = [
  0, 0, 0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7, 8, 8, 9, 9, 10, 10, 11, 11, 12, 12, 13, 13,
];
const LENGTHS_ORDER = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];

const fail = () => {
  throw new Refused('zip-data');
};

/** A prefix code: a table for the short codes, and counting, bit by bit, for the long ones. */
class Code {
  constructor(lengths) {
    this.count = new Uint16Array(16);
    for (const length of lengths) this.count[length]++;
    const symbols = lengths.length - this.count[0];
    this.count[0] = 0;
    let left = 1;
    for (let bits = 1; bits < 16; bits++) {
      left = 2 * left - this.count[bits];
      if (left < 0) fail();
    }
    // The one code that may leave something unused is that of a single symbol, or of none.
    if (left > 0 && (symbols > 1 || (symbols === 1 && this.count[1] === 0))) fail();
    this.order(lengths, symbols);
  }

  order(lengths, symbols) {
    const next = new Uint16Array(17);
    const first = new Uint16Array(17);
    for (let bits = 1; bits < 16; bits++) {
      next[bits + 1] = next[bits] + this.count[bits];
      first[bits + 1] = (first[bits] + this.count[bits]) << 1;
    }
    this.symbols = new Uint16Array(symbols);
    this.quick = new Uint16Array(1 << QUICK_BITS);
    for (let symbol = 0; symbol < lengths.length; symbol++) {
      const bits = lengths[symbol];
      if (bits === 0) continue;
      this.symbols[next[bits]++] = symbol;
      const code = first[bits]++;
      if (bits <= QUICK_BITS) this.enter(code, bits, symbol);
    }
  }

  enter(code, bits, symbol) {
    let mirrored = 0;
    for (let k = 0; k < bits; k++) mirrored |= ((code >>> k) & 1) << (bits - 1 - k);
    for (let k = mirrored; k < this.quick.length; k += 1 << bits) {
      this.quick[k] = (symbol << 4) | bits;
    }
  }
}

function fixedCodes() {
  const lengths = new Uint8Array(288);
  lengths.fill(8, 0, 144).fill(9, 144, 256).fill(7, 256, 280).fill(8, 280);
  return [new Code(lengths), new Code(new Uint8Array(32).fill(5))];
}

class Inflater {
  constructor(input, limit, sink) {
    this.input = input;
    this.limit = limit;
    this.sink = sink;
    this.at = 0;
    this.bits = 0;
    this.have = 0;
    this.total = 0;
    this.out = new Uint8Array(HISTORY + PIECE);
    this.end = HISTORY;
  }

  /** Make at least `count` bits (at most 24) available, with zeros beyond the end. */
  peek(count) {
    while (this.have < count) {
      this.bits |= (this.input[this.at++] ?? 0) << this.have;
      this.have += 8;
    }
    return this.bits & ((1 << count) - 1);
  }

  drop(count) {
    this.bits >>>= count;
    this.have -= count;
    if (this.at - (this.have >>> 3) > this.input.length) throw new Refused('zip-size');
  }

  read(count) {
    const value = this.peek(count);
    this.drop(count);
    return value;
  }

  symbol(code) {
    const entry = code.quick[this.peek(QUICK_BITS)];
    if (entry) {
      this.drop(entry & 15);
      return entry >>> 4;
    }
    return this.longSymbol(code);
  }

  longSymbol(code) {
    const window = this.peek(15);
    let value = 0;
    let first = 0;
    let index = 0;
    for (let bits = 1; bits < 16; bits++) {
      value |= (window >>> (bits - 1)) & 1;
      const count = code.count[bits];
      if (value - count < first) {
        this.drop(bits);
        return code.symbols[index + value - first];
      }
      index += count;
      first = (first + count) << 1;
      value <<= 1;
    }
    return fail();
  }

  flush() {
    this.sink(this.out.subarray(HISTORY, this.end));
    this.out.copyWithin(0, this.end - HISTORY, this.end);
    this.end = HISTORY;
  }

  /** Count bytes that are about to be written, and make room for them. */
  reserve(count) {
    this.total += count;
    if (this.total > this.limit) throw new Refused('zip-size');
    if (this.end + count > this.out.length) this.flush();
  }

  stored() {
    this.drop(this.have & 7);
    this.at -= this.have >>> 3;
    this.bits = this.have = 0;
    const { input } = this;
    if (this.at + 4 > input.length) fail();
    const length = input[this.at] | (input[this.at + 1] << 8);
    if ((length ^ (input[this.at + 2] | (input[this.at + 3] << 8))) !== 0xffff) fail();
    this.at += 4;
    if (this.at + length > input.length) fail();
    for (let left = length; left > 0;) {
      const part = Math.min(left, HISTORY);
      this.reserve(part);
      this.out.set(input.subarray(this.at, this.at + part), this.end);
      this.end += part;
      this.at += part;
      left -= part;
    }
  }

  dynamicCodes() {
    const literals = this.read(5) + 257;
    const distances = this.read(5) + 1;
    const given = this.read(4) + 4;
    if (literals > 286 || distances > 30) fail();
    const small = new Uint8Array(19);
    for (let k = 0; k < given; k++) small[LENGTHS_ORDER[k]] = this.read(3);
    const code = new Code(small);
    if (code.symbols.length < 2) fail();
    const lengths = this.codeLengths(code, literals + distances);
    if (lengths[256] === 0) fail();
    return [new Code(lengths.subarray(0, literals)), new Code(lengths.subarray(literals))];
  }

  codeLengths(code, wanted) {
    const lengths = new Uint8Array(wanted);
    for (let k = 0; k < wanted;) {
      const symbol = this.symbol(code);
      if (symbol < 16) {
        lengths[k++] = symbol;
        continue;
      }
      if (symbol === 16 && k === 0) fail();
      const value = symbol === 16 ? lengths[k - 1] : 0;
      const repeat =
        symbol === 16 ? 3 + this.read(2) : symbol === 17 ? 3 + this.read(3) : 11 + this.read(7);
      if (k + repeat > wanted) fail();
      lengths.fill(value, k, k + repeat);
      k += repeat;
    }
    return lengths;
  }

  compressed([literals, distances]) {
    for (;;) {
      const symbol = this.symbol(literals);
      if (symbol === 256) return;
      if (symbol < 256) {
        this.reserve(1);
        this.out[this.end++] = symbol;
      } else {
        this.repeat(symbol - 257, distances);
      }
    }
  }

  repeat(index, distances) {
    if (index >= LENGTH_BASE.length) fail();
    const length = LENGTH_BASE[index] + this.read(LENGTH_BITS[index]);
    const far = this.symbol(distances);
    if (far >= DISTANCE_BASE.length) fail();
    const distance = DISTANCE_BASE[far] + this.read(DISTANCE_BITS[far]);
    if (distance > this.total) fail();
    this.reserve(length);
    const { out } = this;
    let { end } = this;
    for (const stop = end + length; end < stop; end++) out[end] = out[end - distance];
    this.end = end;
  }

  run() {
    let last = false;
    while (!last) {
      last = this.read(1) === 1;
      const kind = this.read(2);
      if (kind === 0) this.stored();
      else if (kind === 1) this.compressed(fixedCodes());
      else if (kind === 2) this.compressed(this.dynamicCodes());
      else fail();
    }
    this.sink(this.out.subarray(HISTORY, this.end));
    // Whole bytes that were looked at and not used are still unread.
    demand(this.at - (this.have >>> 3) === this.input.length, 'zip-size');
    demand(this.total === this.limit, 'zip-size');
  }
}

/**
 * Expand `input`, all of it, to exactly `size` bytes. `sink` is given piece after piece; a piece is
 * only good until `sink` returns. Refuses anything that is not one deflate stream of that size.
 */
export function inflate(input, size, sink) {
  new Inflater(input, size, sink).run();
}
