// Finishing a draw without the organiser's result: what was published and the beacon's answer are
// enough (sections 5 and 6).

import { hex, unhex } from './bytes.js';
import { encode } from './canonical.js';
import { ordersOf, seedsOf, slotsOf } from './draw.js';
import { isInteger, isObject, isText } from './form.js';
import { MOST_LINE } from './lines.js';
import { demand } from './refusal.js';
import { sha256 } from './sha256.js';

/** Bytes (or characters) of an answer; a real one has about 250. */
export const MOST_ANSWER = 16_384;
const SILENT = { step() {}, progress() {} };

const isAnswer = (value) =>
  isObject(value) &&
  isInteger(value.round) &&
  isText(value.signature) &&
  (value.randomness === undefined || value.randomness === null || isText(value.randomness));

function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/**
 * Read what a person got from the beacon: drand's JSON, whose other members do not matter, or only
 * the signature in hex. Returns {signature, round?, randomness?}, none of it verified.
 */
function readAnswer(text) {
  demand(text.length <= MOST_ANSWER, 'answer-form');
  const plain = text.trim();
  if (/^[0-9a-f]{96}$/.test(plain)) return { signature: plain };
  const value = parsed(plain);
  demand(isAnswer(value), 'answer-form');
  return { ...value, randomness: value.randomness ?? undefined };
}

/** Verify an answer as the frozen round; returns what of it goes into a result. */
function believe(chain, text) {
  const { round } = chain.freeze.body;
  const answer = readAnswer(text);
  demand(answer.round === undefined || answer.round === round, 'answer-round');
  demand(chain.beacon.isRound(round, answer.signature), 'answer-signature');
  const randomness = hex(sha256(unhex(answer.signature)));
  const agrees = answer.randomness === undefined || answer.randomness === randomness;
  demand(agrees, 'answer-randomness');
  return { round, signature: answer.signature, randomness };
}

/** Refuse rules for which even empty slots would not fit on a line, before anything is counted. */
function checkRoom(chain) {
  const tiers = chain.inForce.body.draws.flatMap((draw) => draw.tiers);
  const least = tiers.reduce(
    (sum, { id, winners }) => sum + winners * encode({ tier: id }).length,
    0,
  );
  demand(least <= MOST_LINE, 'unwritable-result');
}

/** The result has to be an event that could stand next in the chain: else nobody has ever drawn it. */
function checkWritable(chain, body) {
  const { roundTime } = chain;
  demand(roundTime <= BigInt(Number.MAX_SAFE_INTEGER), 'unwritable-result');
  const { v, contest, seq, hash } = chain.events.at(-1);
  const at = Number(roundTime);
  const event = { v, contest, seq: seq + 1, prev: hash, type: 'result', at, body };
  demand(encode(event).length <= MOST_LINE, 'unwritable-result');
}

/**
 * Compute the winners of a contest that was checked (`{chain, entries}` of a `Check`), from the
 * beacon's answer (a text). Returns `winners`, the body of the result event that the organiser would
 * have to write, and `orders` and `slots` per draw. Throws `Refused` for an answer that is not the
 * frozen round's. `watch` is as in `Check`.
 */
export function finish({ chain, entries }, text, watch = SILENT) {
  demand(chain.outcome === 'frozen', 'nothing-to-finish');
  const believed = believe(chain, text);
  checkRoom(chain);
  watch.step('beacon', 'passed');
  const seeds = seedsOf(chain, believed.randomness);
  watch.step('seed', 'computed');
  watch.step('tickets', 'running');
  const orders = ordersOf(entries, seeds, (share) => watch.progress('tickets', share));
  watch.step('tickets', 'computed');
  const slots = slotsOf(chain, entries, orders);
  const winners = { ...believed, draws: slots.map((one) => one.listed(one.initial)) };
  checkWritable(chain, winners);
  watch.step('winners', 'computed');
  watch.step('succession', 'unknown');
  return { winners, orders, slots };
}
