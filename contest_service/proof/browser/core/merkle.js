// Merkle trees of RFC 6962: roots over many leaves without keeping them, and inclusion paths.

import { equal } from './bytes.js';
import { Message, sha256 } from './sha256.js';

const MOST_LEVELS = 64;

/**
 * The roots of the perfect subtrees into which the leaves so far fall, the largest first. Leaves may
 * have come before: then it begins with their subtrees.
 */
export class CompactRange {
  /** `leafLength` in bytes; `left` are the subtrees of the first `count` leaves. */
  constructor(leafLength, count = 0, left = []) {
    this.leafLength = leafLength;
    this.leaf = new Message(1 + leafLength);
    this.node = new Message(65);
    this.node.bytes[0] = 1;
    this.stack = new Uint8Array(32 * MOST_LEVELS);
    left.forEach((root, k) => this.stack.set(root, 32 * k));
    this.depth = left.length;
    this.count = count;
  }

  /** Add the leaf whose data stand in `data` at `offset`. */
  add(data, offset) {
    const { leaf, leafLength } = this;
    for (let k = 0; k < leafLength; k++) leaf.bytes[1 + k] = data[offset + k];
    leaf.hash(this.stack, 32 * this.depth++);
    let index = this.count++;
    while (index % 2 === 1) {
      this.join();
      index = (index - 1) / 2;
    }
  }

  join() {
    const at = 32 * (this.depth - 2);
    for (let k = 0; k < 64; k++) this.node.bytes[1 + k] = this.stack[at + k];
    this.node.hash(this.stack, at);
    this.depth--;
  }

  /** The root over all leaves so far. */
  root() {
    if (this.depth === 0) return sha256();
    const kept = this.stack.slice();
    const { depth } = this;
    while (this.depth > 1) this.join();
    const root = this.stack.slice(0, 32);
    this.stack = kept;
    this.depth = depth;
    return root;
  }
}

const leafHash = (data) => sha256(Uint8Array.of(0), data);
const nodeHash = (left, right) => sha256(Uint8Array.of(1), left, right);

/** Whether a path leads from a leaf's data at `index` to the root over `size` leaves. */
export function isIncluded({ data, index, size, path, root }) {
  if (index >= size) return false;
  let [place, last] = [BigInt(index), BigInt(size) - 1n];
  let hash = leafHash(data);
  for (const other of path) {
    if (last === 0n) return false;
    if (place % 2n === 1n || place === last) {
      hash = nodeHash(other, hash);
      while (place % 2n === 0n && place !== 0n) {
        place /= 2n;
        last /= 2n;
      }
    } else {
      hash = nodeHash(hash, other);
    }
    place /= 2n;
    last /= 2n;
  }
  return last === 0n && equal(hash, root);
}
