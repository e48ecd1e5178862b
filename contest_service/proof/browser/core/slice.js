// The log's leaves that a bundle carries, and the checkpoints over them (section 7.2).

import { compare, concat, equal, hex, u32, unhex, utf8 } from './bytes.js';
import { parse } from './canonical.js';
import { demandForm, isDigest, isInteger, isText, listOf, shape } from './form.js';
import { CompactRange } from './merkle.js';
import { readCheckpoint } from './note.js';
import { demand } from './refusal.js';
import { sha256 } from './sha256.js';

const LEAF = 68;
const STEP = 16_384;
const JSON_NAME = 'log/slice.json';
const BIN_NAME = 'log/slice.bin';
const isSlice = shape({ v: isText, first: isInteger, left: listOf(isDigest) });

/** The leaf data of an event in the log. */
export const leafOf = ({ contest, seq, hash }) =>
  concat(sha256(utf8(contest)), u32(seq), unhex(hash));

function readCheckpoints(container) {
  const checkpoints = [];
  for (const name of container.names().filter((one) => one.startsWith('log/checkpoint-'))) {
    const checkpoint = readCheckpoint(container.load(name).bytes, name);
    demand(name === `log/checkpoint-${checkpoint.size}.txt`, 'checkpoint-size', name);
    checkpoints.push(checkpoint);
  }
  return checkpoints.sort((a, b) => (a.size < b.size ? -1 : 1));
}

const bitsOf = (value) => [...BigInt(value).toString(2)].filter((bit) => bit === '1').length;

function checkClean(leaves, events) {
  const mine = sha256(utf8(events[0].contest));
  let next = 0;
  for (let at = 0; at < leaves.length; at += LEAF) {
    if (compare(leaves.subarray(at, at + 32), mine) !== 0) {
      demand(at > 0, 'slice-first', BIN_NAME);
      continue;
    }
    demand(next < events.length, 'slice-unknown-event', BIN_NAME);
    const event = events[next++];
    const seq = new DataView(leaves.buffer, leaves.byteOffset + at + 32).getUint32(0);
    demand(seq <= event.seq, 'slice-missing-event', BIN_NAME);
    demand(equal(leaves.subarray(at, at + LEAF), leafOf(event)), 'slice-unknown-event', BIN_NAME);
    event.logOffset = at / LEAF;
  }
  demand(next === events.length, 'slice-missing-event', BIN_NAME);
}

function checkRoots(leaves, { first, left }, checkpoints, advance) {
  const range = new CompactRange(LEAF, first, left.map(unhex));
  const waiting = checkpoints.slice();
  for (let at = 0; at < leaves.length; at += LEAF) {
    range.add(leaves, at);
    if (BigInt(range.count) === waiting[0].size) {
      const { root, where } = waiting.shift();
      demand(equal(range.root(), root), 'checkpoint-root', where);
    }
    if ((at / LEAF) % STEP === 0) advance(at / leaves.length);
  }
}

/**
 * Check the slice against the bundle's events and checkpoints. Returns null if there is none, and
 * otherwise the slice with its checkpoints, and gives each event its place in the log.
 */
export function checkSlice(container, events, advance) {
  const checkpoints = readCheckpoints(container);
  const parts = [JSON_NAME, BIN_NAME].filter((name) => container.has(name));
  if (parts.length === 0 && checkpoints.length === 0) return null;
  demand(parts.length === 2 && checkpoints.length > 0, 'slice-incomplete', 'log/');
  const slice = parse(container.load(JSON_NAME).bytes, JSON_NAME);
  demandForm(isSlice, slice, JSON_NAME);
  demand(slice.v === 'drawproof/1', 'version', JSON_NAME);
  demand(slice.left.length === bitsOf(slice.first), 'slice-left', JSON_NAME);
  const leaves = container.load(BIN_NAME).bytes;
  const count = leaves.length / LEAF;
  demand(
    Number.isInteger(count) && Number.isSafeInteger(slice.first + count),
    'slice-size',
    BIN_NAME,
  );
  for (const { size, where } of checkpoints)
    demand(size > BigInt(slice.first), 'checkpoint-size', where);
  demand(checkpoints.at(-1).size === BigInt(slice.first + count), 'slice-size', BIN_NAME);
  checkClean(leaves, events);
  checkRoots(leaves, slice, checkpoints, advance);
  for (const event of events) event.logIndex = BigInt(slice.first + event.logOffset);
  return { checkpoints, leaves, first: slice.first, left: slice.left };
}

/** The log's root at a size (BigInt) that the slice reaches; null for any other. */
export function rootAt({ leaves, first, left }, size) {
  const count = Number(size - BigInt(first));
  if (count < 1 || count > leaves.length / LEAF) return null;
  const range = new CompactRange(LEAF, first, left.map(unhex));
  for (let number = 0; number < count; number++) range.add(leaves, number * LEAF);
  return range.root();
}
