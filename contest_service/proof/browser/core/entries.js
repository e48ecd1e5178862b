// The frozen list: fixed-length leaves, strictly ascending (section 3).

import { hex, unhex } from './bytes.js';
import { CompactRange } from './merkle.js';
import { demand } from './refusal.js';

const LEAF = 36;
const NAME = 'entries.bin';
const MOST_TICKETS = 10_000_000;
const STEP = 16_384;

/** The list, kept as the bytes of the file. */
export class Entries {
  constructor(bytes) {
    this.bytes = bytes;
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.count = bytes.length / LEAF;
  }

  weight(index) {
    return this.view.getUint32(index * LEAF + 32);
  }

  commitment(index) {
    return this.bytes.subarray(index * LEAF, index * LEAF + 32);
  }

  leaf(index) {
    return this.bytes.subarray(index * LEAF, (index + 1) * LEAF);
  }

  /** Compare the commitments of two entries, or one with given bytes. */
  compareAt(index, other, offset) {
    const at = index * LEAF;
    for (let k = 0; k < 32; k++) {
      const difference = this.bytes[at + k] - other[offset + k];
      if (difference !== 0) return difference;
    }
    return 0;
  }

  /** The index of a commitment (bytes), or -1. */
  find(commitment) {
    let [low, high] = [0, this.count];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.compareAt(middle, commitment, 0) < 0) low = middle + 1;
      else high = middle;
    }
    return low < this.count && this.compareAt(low, commitment, 0) === 0 ? low : -1;
  }

  findHex(digest) {
    return this.find(unhex(digest));
  }
}

/** Check the file against the freeze, and return the list. `advance` is told the share done. */
export function checkEntries(container, chain, advance) {
  const { freeze } = chain;
  if (!freeze) {
    demand(container.size(NAME) === 0, 'not-frozen', NAME);
    return new Entries(new Uint8Array(0));
  }
  const { count, weight, root, sha256 } = freeze.body.entries;
  const rules = chain.inForce.body;
  demand(weight <= MOST_TICKETS / rules.draws.length, 'too-many-tickets', freeze.where);
  demand(container.size(NAME) === LEAF * count, 'entries-count', freeze.where);
  const loaded = container.load(NAME);
  demand(hex(loaded.sha256) === sha256, 'entries-hash', freeze.where);
  const entries = new Entries(loaded.bytes);
  demand(sumOfWeights(entries, rules.max_weight) === weight, 'entries-total', freeze.where);
  const tree = new CompactRange(LEAF);
  for (let index = 0; index < count; index++) {
    tree.add(entries.bytes, index * LEAF);
    if (index % STEP === 0) advance(index / count);
  }
  demand(hex(tree.root()) === root, 'entries-root', freeze.where);
  return entries;
}

function sumOfWeights(entries, most) {
  let sum = 0;
  for (let index = 0; index < entries.count; index++) {
    const weight = entries.weight(index);
    demand(weight >= 1 && weight <= most, 'entry-weight', NAME);
    const ascends = index === 0 || entries.compareAt(index, entries.bytes, (index - 1) * LEAF) > 0;
    demand(ascends, 'entries-order', NAME);
    sum += weight;
  }
  return sum;
}

/** Check that every disqualification names an entry, each once. */
export function checkNamed(entries, dqs) {
  const seen = new Set();
  for (const { body, where } of dqs) {
    demand(entries.findHex(body.commit) >= 0, 'dq-unknown', where);
    demand(!seen.has(body.commit), 'dq-twice', where);
    seen.add(body.commit);
  }
}
