// The events of a contest: their form, and the chain of hashes that holds them (section 4).

import { hex } from './bytes.js';
import { encode } from './canonical.js';
import {
  between,
  demandForm,
  isAny,
  isDigest,
  isInteger,
  isNonEmpty,
  isReason,
  isText,
  listOf,
  shape,
} from './form.js';
import { Lines } from './lines.js';
import { demand } from './refusal.js';
import { sha256, tag } from './sha256.js';

const MOST_SEQ = 2 ** 32 - 1;
const NONE_BEFORE = '0'.repeat(64);
const EVENT_TAG = tag('event');

const isTier = shape({ id: isNonEmpty, prize: isNonEmpty, winners: between(1, Infinity) });
const isRules = shape({
  title: isNonEmpty,
  organiser: isNonEmpty,
  opens_at: isInteger,
  closes_at: isInteger,
  draw_at: isInteger,
  min_lead: isInteger,
  beacon: shape({
    chain: isDigest,
    genesis: isInteger,
    period: between(1, Infinity),
    public_key: isText,
    scheme: isText,
  }),
  draws: listOf(shape({ tiers: listOf(isTier, 1) }), 1),
  max_weight: between(1, MOST_SEQ),
  terms_sha256: isDigest,
});
const isEmptySlot = shape({ tier: isText });
const isTakenSlot = shape({ tier: isText, commit: isDigest, ticket: isDigest });
const isSlot = (value) => isEmptySlot(value) || isTakenSlot(value);

const BODIES = {
  rules: isRules,
  amend: isRules,
  freeze: shape(
    {
      rules: isDigest,
      round: isInteger,
      entries: shape({ count: isInteger, weight: isInteger, root: isDigest, sha256: isDigest }),
    },
    {
      anchor: shape({ round: between(1, Infinity), signature: isText }),
      evidence: shape({ sha256: isDigest }),
    },
  ),
  dq: shape({ commit: isDigest, reason: isReason }),
  result: shape({
    round: isInteger,
    signature: isText,
    randomness: isDigest,
    draws: listOf(listOf(isSlot)),
  }),
  void: shape({ reason: isReason }),
  close: isAny,
};
const isEvent = shape({
  v: isText,
  contest: isNonEmpty,
  seq: between(0, MOST_SEQ),
  prev: isDigest,
  type: (value) => isText(value) && Object.hasOwn(BODIES, value),
  at: isInteger,
  body: isAny,
});

/** Check the form of one event and hash it; the hash (hex) and the place come along. */
export function readEvent(value, where) {
  demandForm(isEvent, value, where);
  demand(value.v === 'drawproof/1', 'version', where);
  demandForm(BODIES[value.type], value.body, where);
  return { ...value, where, hash: hex(sha256(EVENT_TAG, encode(value))) };
}

/** Read `events.jsonl`; every event is linked to the one before. `seen` gets the contest early. */
export function readEvents(container, seen) {
  const events = [];
  const lines = new Lines('events.jsonl', (value, where) => {
    const event = readEvent(value, where);
    const before = events.at(-1);
    seen.contest ??= event.contest;
    demand(event.contest === seen.contest, 'contest', where);
    demand(event.seq === events.length, 'seq', where);
    demand(event.prev === (before?.hash ?? NONE_BEFORE), 'prev', where);
    demand(event.at >= (before?.at ?? 0), 'time', where);
    events.push(event);
  });
  container.readLines(lines);
  demand(events.length > 0, 'no-events', 'events.jsonl');
  return events;
}
