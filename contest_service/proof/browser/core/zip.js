// Zip files as the specification permits them (section 8.5): every byte is accounted for.

import { compare, textOf } from './bytes.js';
import { inflate } from './inflate.js';
import { demand, Refused, Unreadable } from './refusal.js';

const END_LENGTH = 22;
const CENTRAL_LENGTH = 46;
const LOCAL_LENGTH = 30;
const DESCRIPTOR_LENGTH = 16;
const FLAG_DESCRIPTOR = 8;
const FLAGS = new Set([0, 8, 0x800, 0x808]);
const PIECE = 1 << 20;

const CRC_TABLE = new Int32Array(256).map((_, value) => {
  let remainder = value;
  for (let k = 0; k < 8; k++)
    remainder = remainder & 1 ? (remainder >>> 1) ^ 0xedb88320 : remainder >>> 1;
  return remainder;
});

function crcOf(crc, bytes) {
  let value = ~crc;
  for (let k = 0; k < bytes.length; k++)
    value = CRC_TABLE[(value ^ bytes[k]) & 0xff] ^ (value >>> 8);
  return ~value >>> 0;
}

/** One file of the zip: its declared facts and its bytes as they are stored. */
class Member {
  constructor(facts, stored) {
    Object.assign(this, facts);
    this.stored = stored;
  }

  /** Hand on the expanded bytes in pieces; size and checksum are checked at the end. */
  stream(sink) {
    let crc = 0;
    const take = (piece) => {
      crc = crcOf(crc, piece);
      sink(piece);
    };
    try {
      if (this.method === 8) inflate(this.stored, this.size, take);
      else
        for (let at = 0; at < this.size; at += PIECE)
          take(this.stored.subarray(at, Math.min(this.size, at + PIECE)));
    } catch (problem) {
      if (problem instanceof Refused && problem.where === null) problem.where = this.name;
      throw problem;
    }
    demand(crc === this.crc, 'zip-crc', this.name);
  }
}

class Zip {
  constructor(bytes) {
    this.bytes = bytes;
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  end() {
    const { view } = this;
    const at = this.bytes.length - END_LENGTH;
    demand(at >= 4 && view.getUint32(at, true) === 0x06054b50, 'zip-end');
    const count = view.getUint16(at + 10, true);
    const directory = view.getUint32(at + 16, true);
    demand(view.getUint32(at + 4, true) === 0 && view.getUint16(at + 8, true) === count, 'zip-end');
    demand(view.getUint16(at + 20, true) === 0, 'zip-end');
    demand(directory + view.getUint32(at + 12, true) === at, 'zip-end');
    return { count, directory, end: at };
  }

  central(at, end) {
    const { view } = this;
    demand(at + CENTRAL_LENGTH <= end && view.getUint32(at, true) === 0x02014b50, 'zip-directory');
    const nameLength = view.getUint16(at + 28, true);
    const next = at + CENTRAL_LENGTH + nameLength;
    demand(next <= end, 'zip-directory');
    const rawName = this.bytes.subarray(at + CENTRAL_LENGTH, next);
    const name = textOf(rawName) ?? String.fromCharCode(...rawName);
    demand(view.getUint16(at + 30, true) === 0, 'zip-extra', name);
    demand(view.getUint16(at + 32, true) === 0, 'zip-comment', name);
    demand(view.getUint16(at + 34, true) === 0, 'zip-directory', name);
    const attributes = view.getUint32(at + 38, true);
    demand((attributes & 0x10) === 0 && [0, 8].includes(attributes >>> 28), 'not-a-file', name);
    const member = {
      name,
      rawName,
      next,
      flags: view.getUint16(at + 8, true),
      method: view.getUint16(at + 10, true),
      crc: view.getUint32(at + 16, true),
      packed: view.getUint32(at + 20, true),
      size: view.getUint32(at + 24, true),
      offset: view.getUint32(at + 42, true),
    };
    demand(FLAGS.has(member.flags), 'zip-flags', name);
    demand(member.method === 0 || member.method === 8, 'zip-method', name);
    demand(member.method === 8 || member.packed === member.size, 'zip-size', name);
    return member;
  }

  sumsAt(at, member) {
    const { view } = this;
    return (
      view.getUint32(at, true) === member.crc &&
      view.getUint32(at + 4, true) === member.packed &&
      view.getUint32(at + 8, true) === member.size
    );
  }

  /** Check the local header at `at`; return where the data begin and where the next member does. */
  local(at, member, end) {
    const { view } = this;
    demand(member.offset === at, 'zip-stray-bytes', member.name);
    const data = at + LOCAL_LENGTH + member.rawName.length;
    demand(data <= end && view.getUint32(at, true) === 0x04034b50, 'zip-header', member.name);
    const described = (member.flags & FLAG_DESCRIPTOR) !== 0;
    const blank = described && [14, 18, 22].every((k) => view.getUint32(at + k, true) === 0);
    const same =
      view.getUint16(at + 6, true) === member.flags &&
      view.getUint16(at + 8, true) === member.method &&
      view.getUint16(at + 26, true) === member.rawName.length &&
      view.getUint16(at + 28, true) === 0 &&
      compare(this.bytes.subarray(at + LOCAL_LENGTH, data), member.rawName) === 0;
    demand(same && (blank || this.sumsAt(at + 14, member)), 'zip-header', member.name);
    const stop = data + member.packed;
    const next = stop + (described ? DESCRIPTOR_LENGTH : 0);
    demand(next <= end, 'zip-cut', member.name);
    if (described) {
      const right = view.getUint32(stop, true) === 0x08074b50 && this.sumsAt(stop + 4, member);
      demand(right, 'zip-header', member.name);
    }
    return { data, stop, next };
  }
}

/**
 * Read a zip's directory and all its headers; nothing is expanded yet. `checkSizes` is told the
 * number of members, and then their names and declared sizes, and may refuse them.
 */
export function openZip(bytes, checkSizes) {
  const signature = [0x50, 0x4b, 0x03, 0x04];
  if (!signature.every((byte, k) => bytes[k] === byte)) throw new Unreadable('not-a-zip');
  const zip = new Zip(bytes);
  const { count, directory, end } = zip.end();
  checkSizes.count(count);
  const listed = [];
  let at = directory;
  for (let k = 0; k < count; k++) {
    listed.push(zip.central(at, end));
    at = listed[k].next;
  }
  demand(at === end, 'zip-stray-bytes');
  checkSizes.members(listed);
  const files = new Map();
  let place = 0;
  for (const member of listed) {
    const { data, stop, next } = zip.local(place, member, directory);
    demand(!files.has(member.name), 'name-twice', member.name);
    files.set(member.name, new Member(member, bytes.subarray(data, stop)));
    place = next;
  }
  demand(place === directory, 'zip-stray-bytes');
  return files;
}
