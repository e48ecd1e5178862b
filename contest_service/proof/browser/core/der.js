// A strict reader of DER: definite lengths in their shortest form, nothing left over.

import { hex } from './bytes.js';

/** The bytes are not what was expected. */
export class DerError extends Error {}

export const SEQUENCE = 0x30;
export const SET = 0x31;
export const INTEGER = 0x02;
export const BIT_STRING = 0x03;
export const OCTET_STRING = 0x04;
export const OBJECT_ID = 0x06;
export const BOOLEAN = 0x01;
export const UTC_TIME = 0x17;
export const GENERALIZED_TIME = 0x18;

/** Demand something of the bytes. */
export function expect(condition) {
  if (!condition) throw new DerError();
}

/** One element: its tag, its content, and all of its bytes. */
export class Element {
  constructor(tag, content, whole) {
    this.tag = tag;
    this.content = content;
    this.whole = whole;
  }

  /** Read what is inside, one element after another. */
  inside() {
    return new Reader(this.content);
  }
}

/** Reads elements one after another. */
export class Reader {
  constructor(bytes) {
    this.bytes = bytes;
    this.at = 0;
  }

  get done() {
    return this.at === this.bytes.length;
  }

  /** The tag of the next element, or -1 at the end. */
  get tag() {
    return this.done ? -1 : this.bytes[this.at];
  }

  /** The next element, of this tag if one is given. */
  next(tag) {
    const { bytes } = this;
    const from = this.at;
    expect(from + 2 <= bytes.length && (tag === undefined || bytes[from] === tag));
    expect((bytes[from] & 0x1f) !== 0x1f);
    let length = bytes[from + 1];
    let start = from + 2;
    if (length >= 0x80) {
      const count = length - 0x80;
      expect(count >= 1 && count <= 3 && start + count <= bytes.length && bytes[start] !== 0);
      length = 0;
      for (let k = 0; k < count; k++) length = length * 256 + bytes[start++];
      expect(length >= 0x80);
    }
    const end = start + length;
    expect(end <= bytes.length);
    this.at = end;
    return new Element(bytes[from], bytes.subarray(start, end), bytes.subarray(from, end));
  }

  /** The next element if it has this tag, else null. */
  optional(tag) {
    return this.tag === tag ? this.next(tag) : null;
  }

  /** All elements that are left. */
  rest() {
    const elements = [];
    while (!this.done) elements.push(this.next());
    return elements;
  }

  end() {
    expect(this.done);
  }
}

const MOST_DEEP = 32;

/** Demand that an element is DER all through: whatever is constructed holds elements again. */
export function expectWhole(element, depth = 0) {
  expect(depth < MOST_DEEP);
  if ((element.tag & 0x20) === 0) return;
  for (const inner of element.inside().rest()) expectWhole(inner, depth + 1);
}

/** Read bytes that are exactly one element. */
export function only(bytes, tag) {
  const reader = new Reader(bytes);
  const element = reader.next(tag);
  reader.end();
  return element;
}

/** An INTEGER's value as a BigInt. */
export function integerOf({ content }) {
  expect(content.length > 0);
  const short =
    content.length > 1 &&
    ((content[0] === 0 && content[1] < 0x80) || (content[0] === 0xff && content[1] >= 0x80));
  expect(!short);
  let value = 0n;
  if (content.length) {
    const digits = Array.from(content, (byte) => byte.toString(16).padStart(2, '0')).join('');
    value = BigInt.asIntN(8 * content.length, BigInt(`0x${digits}`));
  }
  return value;
}

/** An object identifier with dots. One in another spelling is another one, whatever it may mean. */
export function oidOf({ content }) {
  const arcs = [];
  let value = 0n;
  let isFresh = true;
  let isSpelled = content.length > 0 && content.at(-1) < 0x80;
  for (const byte of content) {
    isSpelled &&= !(isFresh && byte === 0x80);
    value = value * 128n + BigInt(byte & 0x7f);
    isFresh = byte < 0x80;
    if (isFresh) {
      arcs.push(value);
      value = 0n;
    }
  }
  if (!isSpelled) return `?${hex(content)}`;
  const top = arcs[0] < 80n ? arcs[0] / 40n : 2n;
  return [top, arcs[0] - 40n * top, ...arcs.slice(1)].join('.');
}

/** The bytes of a BIT STRING without unused bits. */
export function bitsOf({ content }) {
  expect(content.length > 0 && content[0] === 0);
  return content.subarray(1);
}

/** A BOOLEAN in its one encoding. */
export function booleanOf({ content }) {
  expect(content.length === 1 && (content[0] === 0 || content[0] === 0xff));
  return content[0] === 0xff;
}

/** The identifier and the parameters (an element or null) of an AlgorithmIdentifier. */
export function algorithmOf(element) {
  const parts = element.inside();
  const id = oidOf(parts.next(OBJECT_ID));
  const parameters = parts.done ? null : parts.next();
  parts.end();
  return { id, parameters };
}

function secondsOf(year, rest) {
  const [month, day, hour, minute, second] = rest.match(/../g).map(Number);
  expect(month >= 1 && month <= 12 && day >= 1 && hour < 24 && minute < 60 && second < 60);
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  expect(date.getUTCMonth() === month - 1 && date.getUTCDate() === day);
  return BigInt(date.getTime() / 1000 + hour * 3600 + minute * 60 + second);
}

/** A time: whole seconds (BigInt), and whether a fraction follows (only if allowed). */
export function timeOf({ tag, content }, fractions = false) {
  const text = String.fromCharCode(...content);
  if (tag === UTC_TIME) {
    expect(/^\d{12}Z$/.test(text));
    const short = Number(text.slice(0, 2));
    return {
      seconds: secondsOf(short + (short < 50 ? 2000 : 1900), text.slice(2, 12)),
      fraction: false,
    };
  }
  expect(tag === GENERALIZED_TIME);
  const found = /^(\d{4})(\d{10})(\.\d*[1-9])?Z$/.exec(text);
  expect(found && (fractions || found[3] === undefined));
  return { seconds: secondsOf(Number(found[1]), found[2]), fraction: found[3] !== undefined };
}
