// SHA-256 (FIPS 180-4) over buffers that are used again and again: a list of a million entries
// takes five million blocks, and none of them may cost an object.

import { utf8 } from './bytes.js';

const CONSTANTS = new Int32Array(64);
const INITIAL = new Int32Array(8);
const schedule = new Int32Array(64);

function fractionBits(root) {
  return Math.floor((root - Math.floor(root)) * 2 ** 32) | 0;
}

// The constants are the first bits of the roots of the first primes, as the standard derives them.
for (let candidate = 2, found = 0; found < 64; candidate++) {
  let prime = true;
  for (let divisor = 2; divisor * divisor <= candidate; divisor++) {
    if (candidate % divisor === 0) prime = false;
  }
  if (!prime) continue;
  if (found < 8) INITIAL[found] = fractionBits(Math.sqrt(candidate));
  CONSTANTS[found++] = fractionBits(Math.cbrt(candidate));
}

/** Set a state (eight words) to where every hash begins. */
export const begin = (state) => state.set(INITIAL);

/** Take the 64 bytes at an offset into a state. Sums are cut to 32 bits at once: engines keep them so. */
export function compress(state, bytes, offset) {
  const w = schedule;
  for (let t = 0, at = offset; t < 16; t++, at += 4) {
    w[t] = (bytes[at] << 24) | (bytes[at + 1] << 16) | (bytes[at + 2] << 8) | bytes[at + 3];
  }
  for (let t = 16; t < 64; t++) {
    const x = w[t - 15];
    const y = w[t - 2];
    const s0 = ((x >>> 7) | (x << 25)) ^ ((x >>> 18) | (x << 14)) ^ (x >>> 3);
    const s1 = ((y >>> 17) | (y << 15)) ^ ((y >>> 19) | (y << 13)) ^ (y >>> 10);
    w[t] = (((w[t - 16] + s0) | 0) + ((w[t - 7] + s1) | 0)) | 0;
  }
  rounds(state, w);
}

function rounds(state, w) {
  const constants = CONSTANTS;
  let a = state[0] | 0;
  let b = state[1] | 0;
  let c = state[2] | 0;
  let d = state[3] | 0;
  let e = state[4] | 0;
  let f = state[5] | 0;
  let g = state[6] | 0;
  let h = state[7] | 0;
  for (let t = 0; t < 64; t++) {
    const s1 = ((e >>> 6) | (e << 26)) ^ ((e >>> 11) | (e << 21)) ^ ((e >>> 25) | (e << 7));
    const chosen = g ^ (e & (f ^ g));
    const t1 = (((((h + s1) | 0) + chosen) | 0) + ((constants[t] + w[t]) | 0)) | 0;
    const s0 = ((a >>> 2) | (a << 30)) ^ ((a >>> 13) | (a << 19)) ^ ((a >>> 22) | (a << 10));
    const t2 = (s0 + ((a & b) | (c & (a | b)))) | 0;
    h = g;
    g = f;
    f = e;
    e = (d + t1) | 0;
    d = c;
    c = b;
    b = a;
    a = (t1 + t2) | 0;
  }
  state[0] += a;
  state[1] += b;
  state[2] += c;
  state[3] += d;
  state[4] += e;
  state[5] += f;
  state[6] += g;
  state[7] += h;
}

/** Write a state's 32 bytes. */
export function writeState(state, out, offset) {
  for (let k = 0, at = offset; k < 8; k++, at += 4) {
    const word = state[k];
    out[at] = word >>> 24;
    out[at + 1] = word >>> 16;
    out[at + 2] = word >>> 8;
    out[at + 3] = word;
  }
}

/** A message of a fixed length whose bytes are changed in place and hashed again. */
export class Message {
  constructor(length) {
    const blocks = Math.ceil((length + 9) / 64);
    this.bytes = new Uint8Array(blocks * 64);
    this.bytes[length] = 0x80;
    new DataView(this.bytes.buffer).setUint32(blocks * 64 - 4, length * 8);
    this.state = new Int32Array(8);
  }

  /** Hash the message; the digest goes to `out` at `offset`. */
  hash(out, offset) {
    begin(this.state);
    for (let at = 0; at < this.bytes.length; at += 64) compress(this.state, this.bytes, at);
    writeState(this.state, out, offset);
  }
}

/** A hash that is fed in pieces. */
export class Sha256 {
  constructor() {
    this.state = new Int32Array(8);
    this.rest = new Uint8Array(128);
    this.lengthAt = new DataView(this.rest.buffer);
    this.reset();
  }

  reset() {
    begin(this.state);
    this.held = 0;
    this.length = 0;
  }

  update(bytes) {
    this.length += bytes.length;
    let at = 0;
    if (this.held) {
      at = Math.min(64 - this.held, bytes.length);
      this.rest.set(bytes.subarray(0, at), this.held);
      this.held += at;
      if (this.held < 64) return this;
      compress(this.state, this.rest, 0);
    }
    for (; at + 64 <= bytes.length; at += 64) compress(this.state, bytes, at);
    this.rest.set(bytes.subarray(at), 0);
    this.held = bytes.length - at;
    return this;
  }

  digest() {
    const end = this.held < 56 ? 64 : 128;
    this.rest.fill(0, this.held);
    this.rest[this.held] = 0x80;
    this.lengthAt.setUint32(end - 8, Math.floor(this.length / 2 ** 29));
    this.lengthAt.setUint32(end - 4, this.length << 3);
    for (let at = 0; at < end; at += 64) compress(this.state, this.rest, at);
    const out = new Uint8Array(32);
    writeState(this.state, out, 0);
    return out;
  }
}

const shared = new Sha256();

/** Hash parts as if they were one. */
export function sha256(...parts) {
  shared.reset();
  for (const part of parts) shared.update(part);
  return shared.digest();
}

/** The tag that begins everything of one purpose (specification, section 2). */
export const tag = (name) => utf8(`drawproof/1 ${name}\0`);
