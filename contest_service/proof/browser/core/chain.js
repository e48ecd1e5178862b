// What may follow what, and when (section 4). The entries, the beacon's signatures and the winners
// are checked elsewhere; here are the rules of order and of time.

import { Beacon } from './beacon.js';
import { demand } from './refusal.js';

const WEEK = 604_800n;
const MOST_WINNERS = 10_000_000;
const LEAST_LEAD = 600;
const MAY_FOLLOW = {
  none: { rules: 'running' },
  running: { amend: 'running', freeze: 'frozen', void: 'void' },
  frozen: { dq: 'frozen', result: 'drawn', void: 'void' },
  drawn: { dq: 'drawn', close: 'closed' },
  void: { close: 'closed' },
  closed: {},
};

function checkOrder(events) {
  let state = 'none';
  for (const { type, where } of events) {
    demand(Object.hasOwn(MAY_FOLLOW[state], type), 'event-order', where);
    state = MAY_FOLLOW[state][type];
  }
}

function checkRules({ body, where }, practice) {
  demand(body.opens_at <= body.closes_at && body.closes_at <= body.draw_at, 'schedule', where);
  demand(practice || body.min_lead >= LEAST_LEAD, 'min-lead', where);
  let winners = 0;
  for (const { tiers } of body.draws) {
    demand(new Set(tiers.map((tier) => tier.id)).size === tiers.length, 'tier-twice', where);
    for (const tier of tiers) winners += tier.winners;
  }
  demand(winners <= MOST_WINNERS, 'too-many-winners', where);
}

/** The events of a contest, in order, and what is in force. */
export class Chain {
  /** `events` as `readEvents` gives them. */
  constructor(events, practiceAllowed) {
    checkOrder(events);
    this.events = events;
    const [first] = events;
    this.beacon = new Beacon(first.body.beacon, practiceAllowed, first.where);
    this.versions = events.filter(({ type }) => type === 'rules' || type === 'amend');
    this.inForce = this.versions.at(-1);
    this.freeze = this.only('freeze');
    this.result = this.only('result');
    this.void = this.only('void');
    const dqs = events.filter(({ type }) => type === 'dq');
    this.dqsBefore = dqs.filter(({ seq }) => !this.result || seq < this.result.seq);
    this.dqsAfter = dqs.filter(({ seq }) => this.result && seq > this.result.seq);
  }

  only(type) {
    return this.events.find((event) => event.type === type) ?? null;
  }

  get contest() {
    return this.events[0].contest;
  }

  get outcome() {
    if (this.result) return 'result';
    if (this.void) return 'void';
    return this.freeze ? 'frozen' : 'running';
  }

  get roundTime() {
    return this.beacon.timeOf(this.freeze.body.round);
  }

  /** Rules and amendments: each is sound, and none came when its round might be known. */
  checkVersions() {
    this.versions.forEach((event, number) => {
      const before = this.versions[number - 1];
      if (before) {
        demand(event.at < before.body.draw_at, 'amend-late', event.where);
        demand(this.beacon.isSame(event.body.beacon), 'beacon-changed', event.where);
      }
      checkRules(event, this.beacon.practice);
    });
  }

  /** The freeze names the rules in force and their round, and came in time. */
  checkFreeze() {
    const { at, body, where } = this.freeze;
    const rules = this.inForce.body;
    demand(body.rules === this.inForce.hash, 'freeze-rules', where);
    demand(this.beacon.firstRoundAt(rules.draw_at) === BigInt(body.round), 'round', where);
    demand(at >= rules.closes_at, 'frozen-early', where);
    demand(BigInt(at) + BigInt(rules.min_lead) <= this.roundTime, 'frozen-late', where);
    if (body.anchor) {
      const { round } = body.anchor;
      demand(round < body.round && this.beacon.timeOf(round) <= BigInt(at), 'anchor', where);
    }
  }

  /** Nothing that the round's output could have moved stands between the round and the result. */
  checkTimes() {
    for (const { at, where } of this.freeze ? this.dqsBefore : []) {
      demand(BigInt(at) < this.roundTime, 'dq-late', where);
    }
    if (this.result) {
      const { at, body, where } = this.result;
      demand(body.round === this.freeze.body.round, 'round', where);
      demand(BigInt(at) >= this.roundTime, 'result-early', where);
    }
    if (this.void && this.freeze) {
      const at = BigInt(this.void.at);
      demand(at < this.roundTime || at >= this.roundTime + WEEK, 'void-late', this.void.where);
    }
  }

  /** Whether a void rests on there being no signature of the round. */
  get isVoidAfterRound() {
    return Boolean(this.void && this.freeze && BigInt(this.void.at) >= this.roundTime);
  }
}
