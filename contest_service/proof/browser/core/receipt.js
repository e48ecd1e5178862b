// What an entrant holds, a promise or a receipt, against the bundle (section 8.9).

import { concat, equal, hex, u32, u64, unhex, utf8 } from './bytes.js';
import { parse } from './canonical.js';
import { isSignedBy } from './ed25519.js';
import { readEvent } from './events.js';
import {
  between,
  isDigest,
  isInteger,
  isNonEmpty,
  isObject,
  isText,
  listOf,
  oneOf,
  shape,
} from './form.js';
import { isIncluded } from './merkle.js';
import { LOG, readCheckpoint, readKey, timeSignedBy } from './note.js';
import { commitmentOf, isOpening } from './openings.js';
import { demand, Refused } from './refusal.js';
import { tag } from './sha256.js';
import { leafOf, rootAt } from './slice.js';

const isWeight = between(1, 2 ** 32 - 1);
const isPromise = shape({
  v: oneOf('drawproof/1'),
  kind: oneOf('promise'),
  contest: isNonEmpty,
  commit: isDigest,
  weight: isWeight,
  time: isInteger,
  log: isText,
  signature: (value) => isText(value) && /^[0-9a-f]{128}$/.test(value),
});
const isReceipt = shape({
  v: oneOf('drawproof/1'),
  kind: oneOf('receipt'),
  opening: isOpening,
  weight: isWeight,
  index: isInteger,
  path: listOf(isDigest),
  freeze: isObject,
  log_index: isInteger,
  log_path: listOf(isDigest),
  checkpoint: isText,
});

function read(bytes) {
  let value;
  try {
    value = parse(bytes, null);
  } catch {
    throw new Refused('receipt-form');
  }
  demand(isPromise(value) || isReceipt(value), 'receipt-form');
  return value;
}

/** Find the entry with this weight; its index in the frozen list. */
function frozenIndex({ chain, entries }, contest, commitment, weight) {
  demand(contest === chain.contest, 'receipt-contest');
  demand(chain.freeze !== null, 'receipt-not-frozen');
  const index = entries.find(commitment);
  demand(index >= 0, 'receipt-unknown');
  demand(entries.weight(index) === weight, 'receipt-weight');
  return index;
}

function checkPromise(promise, bundle) {
  const key = readKey(promise.log, LOG);
  const commitment = unhex(promise.commit);
  const message = concat(tag('promise'), commitment, u32(promise.weight), u64(promise.time));
  const holds = key !== null && isSignedBy(key.publicKey, message, unhex(promise.signature));
  demand(holds, 'receipt-signature');
  const isTrusted = bundle.trust.logs.some(
    (one) => one.key.id === key.id && one.key.name === key.name,
  );
  demand(isTrusted || bundle.trust.logs.length === 0, 'receipt-key');
  return frozenIndex(bundle, promise.contest, commitment, promise.weight);
}

function readFreeze(value) {
  try {
    return readEvent(value, null);
  } catch {
    throw new Refused('receipt-freeze');
  }
}

/** The checkpoint is of the trusted log (if anybody is trusted), and of the log in the bundle. */
function checkLog(receipt, freeze, { trust, slice }) {
  let checkpoint;
  let signers;
  try {
    checkpoint = readCheckpoint(utf8(receipt.checkpoint), null);
    signers = trust.logs.filter(({ key }) => timeSignedBy(key, checkpoint) !== null);
  } catch {
    throw new Refused('receipt-checkpoint');
  }
  const { size, root } = checkpoint;
  const path = receipt.log_path.map(unhex);
  const isThere = isIncluded({ data: leafOf(freeze), index: receipt.log_index, size, path, root });
  demand(isThere, 'receipt-log');
  const isTrusted = signers.some(({ key }) => key.name === checkpoint.origin);
  demand(isTrusted || trust.logs.length === 0, 'receipt-key');
  const known = slice && rootAt(slice, size);
  demand(!known || equal(known, root), 'receipt-fork');
}

function checkReceipt(receipt, bundle) {
  const commitment = commitmentOf(receipt.opening);
  const index = frozenIndex(bundle, receipt.opening.contest, commitment, receipt.weight);
  const freeze = readFreeze(receipt.freeze);
  demand(freeze.hash === bundle.chain.freeze.hash, 'receipt-freeze');
  const { count, root } = freeze.body.entries;
  const path = receipt.path.map(unhex);
  const leaf = bundle.entries.leaf(index);
  const isThere = isIncluded({
    data: leaf,
    index: receipt.index,
    size: count,
    path,
    root: unhex(root),
  });
  demand(receipt.index === index && isThere, 'receipt-path');
  checkLog(receipt, freeze, bundle);
  return index;
}

/** An entry's ticket, place and the cut-off in each draw; null before a result. */
export function standing({ orders, slots }, index) {
  if (!slots) return null;
  return orders.map((order, k) => ({
    ticket: hex(order.ticket(index)),
    place: order.placeOf(index),
    cut_off: slots[k].cutOff,
  }));
}

/**
 * Check a receipt or promise (bytes) against a bundle that was verified: {chain, entries, orders,
 * slots, slice, trust}. Returns the machine output's object, and the entry's index or -1.
 */
export function checkAgainst(bytes, bundle, findings) {
  try {
    const value = read(bytes);
    const check = value.kind === 'promise' ? checkPromise : checkReceipt;
    const index = check(value, bundle);
    if (bundle.trust.logs.length === 0) findings.add('receipt-untrusted', {});
    const draws = standing(bundle, index);
    return { index, receipt: { holds: true, reason: null, weight: value.weight, draws } };
  } catch (problem) {
    if (!(problem instanceof Refused)) throw problem;
    return {
      index: -1,
      receipt: { holds: false, reason: problem.code, weight: null, draws: null },
    };
  }
}
