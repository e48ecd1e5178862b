// The profile of JSON in which everything is written (specification, section 2).
//
// The parser takes canonical bytes only, so nothing has to be written again and compared: white
// space, another order of keys, a key twice or an escape that is not needed do not parse.

import { hex, textOf, utf8 } from './bytes.js';
import { demand, Refused } from './refusal.js';

const MOST_DEEP = 32;
const MOST_BYTES = 4096;
const SHORT_ESCAPES = {
  0x22: 0x22,
  0x5c: 0x5c,
  0x62: 0x08,
  0x74: 0x09,
  0x6e: 0x0a,
  0x66: 0x0c,
  0x72: 0x0d,
};
const ESCAPED = {
  '"': '\\"',
  '\\': '\\\\',
  '\b': '\\b',
  '\t': '\\t',
  '\n': '\\n',
  '\f': '\\f',
  '\r': '\\r',
};

const isDigit = (byte) => byte >= 0x30 && byte <= 0x39;

class Parser {
  constructor(bytes, where) {
    this.bytes = bytes;
    this.where = where;
    this.at = 0;
  }

  fail() {
    throw new Refused('not-canonical', this.where);
  }

  take(byte) {
    if (this.bytes[this.at] !== byte) this.fail();
    this.at++;
  }

  word(text, value) {
    for (let k = 0; k < text.length; k++) this.take(text.charCodeAt(k));
    return value;
  }

  value(depth) {
    const byte = this.bytes[this.at];
    if (byte === 0x7b) return this.object(depth + 1);
    if (byte === 0x5b) return this.array(depth + 1);
    if (byte === 0x22) return this.string();
    if (byte === 0x74) return this.word('true', true);
    if (byte === 0x66) return this.word('false', false);
    return this.integer();
  }

  integer() {
    const from = this.at;
    while (isDigit(this.bytes[this.at])) this.at++;
    const digits = this.at - from;
    if (digits === 0 || digits > 16 || (digits > 1 && this.bytes[from] === 0x30)) this.fail();
    const value = Number(String.fromCharCode(...this.bytes.subarray(from, this.at)));
    if (!Number.isSafeInteger(value)) this.fail();
    return value;
  }

  array(depth) {
    if (depth > MOST_DEEP) this.fail();
    const values = [];
    this.take(0x5b);
    if (this.bytes[this.at] !== 0x5d) {
      values.push(this.value(depth));
      while (this.bytes[this.at] === 0x2c) {
        this.at++;
        values.push(this.value(depth));
      }
    }
    this.take(0x5d);
    return values;
  }

  object(depth) {
    if (depth > MOST_DEEP) this.fail();
    const values = Object.create(null);
    let before = null;
    this.take(0x7b);
    while (this.bytes[this.at] !== 0x7d) {
      if (before !== null) this.take(0x2c);
      const key = this.string();
      if (!/^[a-z0-9_]+$/.test(key) || (before !== null && key <= before)) this.fail();
      this.take(0x3a);
      values[key] = this.value(depth);
      before = key;
    }
    this.at++;
    return values;
  }

  string() {
    this.take(0x22);
    const { bytes } = this;
    const from = this.at;
    let plain = true;
    let byte = bytes[this.at];
    while (byte !== 0x22) {
      if (byte === undefined || byte < 0x20) this.fail();
      if (byte === 0x5c) return this.escapedString(from);
      if (byte >= 0x80) plain = false;
      byte = bytes[++this.at];
    }
    const part = bytes.subarray(from, this.at++);
    if (part.length > MOST_BYTES) this.fail();
    if (plain && part.length < 64) return String.fromCharCode(...part);
    return textOf(part) ?? this.fail();
  }

  escapedString(from) {
    const { bytes } = this;
    const out = new Uint8Array(MOST_BYTES);
    let length = this.at - from;
    if (length > MOST_BYTES) this.fail();
    out.set(bytes.subarray(from, this.at));
    while (bytes[this.at] !== 0x22) {
      const byte = bytes[this.at++];
      if (byte === undefined || byte < 0x20 || length === MOST_BYTES) this.fail();
      out[length++] = byte === 0x5c ? this.escape() : byte;
    }
    this.at++;
    return textOf(out.subarray(0, length)) ?? this.fail();
  }

  escape() {
    const letter = this.bytes[this.at++];
    if (letter in SHORT_ESCAPES) return SHORT_ESCAPES[letter];
    const digits = String.fromCharCode(...this.bytes.subarray(this.at, this.at + 4));
    if (letter !== 0x75 || !/^00[01][0-9a-f]$/.test(digits)) this.fail();
    const value = parseInt(digits, 16);
    if (String.fromCharCode(value) in ESCAPED) this.fail();
    this.at += 4;
    return value;
  }
}

/** Parse canonical bytes. Objects have no prototype. Refuses everything else. */
export function parse(bytes, where) {
  const parser = new Parser(bytes, where);
  const value = parser.value(0);
  demand(parser.at === bytes.length, 'not-canonical', where);
  return value;
}

function quoted(text) {
  const safe = text.replace(
    /["\\\u0000-\u001f]/g,
    (character) => ESCAPED[character] ?? `\\u00${hex([character.charCodeAt(0)])}`,
  );
  return `"${safe}"`;
}

function spelled(value) {
  if (Array.isArray(value)) return `[${value.map(spelled).join(',')}]`;
  if (typeof value === 'string') return quoted(value);
  if (typeof value !== 'object') return String(value);
  const members = Object.keys(value)
    .sort()
    .map((key) => `"${key}":${spelled(value[key])}`);
  return `{${members.join(',')}}`;
}

/** Write a value of the profile in canonical bytes. */
export const encode = (value) => utf8(spelled(value));
