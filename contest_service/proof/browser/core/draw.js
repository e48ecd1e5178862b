// The draw: a number for every entry, the lowest first (section 6).

import { compare, hex, u32, unhex } from './bytes.js';
import { begin, compress, Message, sha256, tag, writeState } from './sha256.js';

const TAG = tag('ticket');
const SEED_AT = TAG.length;
const COMMITMENT_AT = SEED_AT + 32;
const NUMBER_AT = COMMITMENT_AT + 32;
const LENGTH = NUMBER_AT + 4;
/** An order is sorted by numbers of 53 bits: 29 of the ticket, then 24 of the index. */
const INDEXES = 2 ** 24;
const STEP = 16_384;

/** The seed of draw k. */
const seedOf = (randomness, freezeHash, k) =>
  sha256(tag('seed'), unhex(randomness), unhex(freezeHash), u32(k));

/** The seeds of all draws of a frozen contest. */
export const seedsOf = (chain, randomness) =>
  chain.inForce.body.draws.map((_, k) => seedOf(randomness, chain.freeze.hash, k));

/** Computes tickets of one draw. */
class Tickets {
  constructor(entries, seed) {
    this.entries = entries;
    this.message = new Message(LENGTH);
    this.message.bytes.set(TAG, 0);
    this.message.bytes.set(seed, SEED_AT);
    this.begun = new Int32Array(8);
    this.best = new Int32Array(8);
  }

  /** Leave an entry's lowest ticket in `best`, as eight words. */
  compute(index) {
    const { bytes, state } = this.message;
    const { entries, begun, best } = this;
    for (let k = 0, at = index * 36; k < 32; k++) bytes[COMMITMENT_AT + k] = entries.bytes[at + k];
    begin(begun);
    compress(begun, bytes, 0);
    const weight = entries.weight(index);
    for (let number = 0; number < weight; number++) {
      bytes[NUMBER_AT] = number >>> 24;
      bytes[NUMBER_AT + 1] = number >>> 16;
      bytes[NUMBER_AT + 2] = number >>> 8;
      bytes[NUMBER_AT + 3] = number;
      for (let k = 0; k < 8; k++) state[k] = begun[k];
      compress(state, bytes, 64);
      if (number === 0 || isLower(state, best)) for (let k = 0; k < 8; k++) best[k] = state[k];
    }
  }
}

function isLower(a, b) {
  for (let k = 0; k < 8; k++) {
    if (a[k] !== b[k]) return a[k] >>> 0 < b[k] >>> 0;
  }
  return false;
}

/** All entries of one draw in their order. */
class Order {
  constructor(entries, seed, advance) {
    this.entries = entries;
    this.tickets = new Tickets(entries, seed);
    this.known = new Map();
    const keys = new Float64Array(entries.count);
    for (let index = 0; index < entries.count; index++) {
      this.tickets.compute(index);
      keys[index] = (this.tickets.best[0] >>> 3) * INDEXES + index;
      if (index % STEP === 0) advance(index / entries.count);
    }
    this.keys = keys.sort();
    this.settleTies();
  }

  /** The sorted keys begin with 29 bits of the ticket; entries alike in those are put in order. */
  settleTies() {
    const { keys } = this;
    for (let from = 0; from < keys.length;) {
      const prefix = Math.floor(keys[from] / INDEXES);
      let to = from + 1;
      while (to < keys.length && Math.floor(keys[to] / INDEXES) === prefix) to++;
      if (to - from > 1) {
        const tied = [...keys.subarray(from, to)];
        tied.sort((a, b) => this.compareIndexes(a % INDEXES, b % INDEXES));
        keys.set(tied, from);
      }
      from = to;
    }
  }

  compareIndexes(a, b) {
    return (
      compare(this.ticket(a), this.ticket(b)) ||
      this.entries.compareAt(a, this.entries.bytes, b * 36)
    );
  }

  get length() {
    return this.keys.length;
  }

  /** The index in the list of the entry at a place (from 0) of the order. */
  indexAt(place) {
    return this.keys[place] % INDEXES;
  }

  /** Where on the line from 0 to 1 the entry at this place stands. */
  shareAt(place) {
    return Math.floor(this.keys[place] / INDEXES) / 2 ** 29;
  }

  /** The 32 bytes of an entry's ticket. */
  ticket(index) {
    if (!this.known.has(index)) {
      this.tickets.compute(index);
      const out = new Uint8Array(32);
      writeState(this.tickets.best, out, 0);
      this.known.set(index, out);
    }
    return this.known.get(index);
  }

  /** The place (from 1) of an entry in the order. */
  placeOf(index) {
    this.tickets.compute(index);
    const key = (this.tickets.best[0] >>> 3) * INDEXES;
    let [low, high] = [0, this.keys.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.keys[middle] < key) low = middle + 1;
      else high = middle;
    }
    while (this.indexAt(low) !== index) low++;
    return low + 1;
  }
}

/** The orders of all draws of a contest, by their seeds. `advance` is told the share done. */
export function ordersOf(entries, seeds, advance) {
  const { length } = seeds;
  return seeds.map((seed, k) => new Order(entries, seed, (share) => advance((k + share) / length)));
}

/** The slots of one draw and who holds them, at the result and after each disqualification. */
class Slots {
  constructor(draw, order, gone) {
    this.order = order;
    this.gone = new Set(gone);
    this.next = 0;
    this.tiers = draw.tiers.flatMap(({ id, winners }) => new Array(winners).fill(id));
    this.holders = this.tiers.map(() => this.take());
    this.initial = this.holders.slice();
    this.slotOf = new Map(this.holders.map((index, slot) => [index, slot]));
  }

  /** The next in the order that is not disqualified, or -1. It has never held a slot. */
  take() {
    while (this.next < this.order.length) {
      const index = this.order.indexAt(this.next++);
      if (!this.gone.has(index)) return index;
    }
    return -1;
  }

  /** An entry falls out: its slot, if it holds one, goes to the next. Returns that event's facts. */
  disqualify(index) {
    this.gone.add(index);
    const slot = this.slotOf.get(index);
    if (slot === undefined) return null;
    const to = this.take();
    this.holders[slot] = to;
    this.slotOf.delete(index);
    if (to >= 0) this.slotOf.set(to, slot);
    return { slot, from: index, to };
  }

  slot(number, index) {
    const tier = this.tiers[number];
    if (index < 0) return { tier };
    const commit = hex(this.order.entries.commitment(index));
    return { tier, commit, ticket: hex(this.order.ticket(index)) };
  }

  listed(holders) {
    return holders.map((index, number) => this.slot(number, index));
  }

  /** The last ticket (hex) that took a slot at the result; null if none did. */
  get cutOff() {
    const taken = this.initial.filter((index) => index >= 0);
    return taken.length ? hex(this.order.ticket(taken.at(-1))) : null;
  }
}

/** The slots of all draws as they are at the result: whom a `dq` before it names is left out. */
export function slotsOf(chain, entries, orders) {
  const gone = chain.dqsBefore.map(({ body }) => entries.findHex(body.commit));
  return chain.inForce.body.draws.map((draw, k) => new Slots(draw, orders[k], gone));
}
