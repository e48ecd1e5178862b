// The whole check, step by step, and what is said about it (specification, section 8.8).

import { hex, unhex } from './bytes.js';
import { Chain } from './chain.js';
import { fromFolder, fromZip } from './container.js';
import { checkDispute } from './dispute.js';
import { ordersOf, seedsOf, slotsOf } from './draw.js';
import { checkEntries, checkNamed } from './entries.js';
import { readEvents } from './events.js';
import { gradeBundle } from './grade.js';
import { checkManifest } from './manifest.js';
import { checkOpenings } from './openings.js';
import { checkAgainst } from './receipt.js';
import { checkQuizzes } from './quiz.js';
import { demand, Refused, Unreadable } from './refusal.js';
import { sha256 } from './sha256.js';
import { checkSlice } from './slice.js';
import { checkTerms } from './terms.js';
import { NOBODY, readTrust } from './trust.js';

const SILENT = { step() {}, progress() {} };

class Findings {
  constructor() {
    this.items = [];
  }

  /** Say something before everything else. */
  first(code, facts) {
    this.items.unshift({ code, facts });
  }

  add(code, facts) {
    this.items.push({ code, facts });
  }
}

/** One bundle being checked. What was found so far stays here, for those who look closer. */
export class Check {
  /** `watch` is told `step(name, state)` and `progress(name, share)`. */
  constructor({ practice = false, watch = SILENT } = {}) {
    this.practiceAllowed = practice;
    this.trust = NOBODY;
    this.watch = watch;
    this.findings = new Findings();
    this.seen = { contest: null };
    this.current = 'trust';
    this.edition = null;
  }

  /** Check a bundle, believing those whom a trust file (bytes, or null) names. Throws `Refused`. */
  run(source, trust) {
    if (trust) this.trust = readTrust(trust);
    this.current = 'file';
    this.container = open(source);
    this.step('file', () => this.checkFile());
    this.step('rules', () => this.checkRules());
    this.step('list', () => this.checkList());
    const isDrawn = this.chain.result !== null;
    const why = this.chain.void ? 'unneeded' : 'waiting';
    for (const [name, check] of [
      ['beacon', () => this.checkBeacon()],
      ['seed', () => this.makeSeeds()],
      ['tickets', () => this.makeOrders()],
      ['winners', () => this.checkWinners()],
      ['succession', () => this.succeed()],
    ]) {
      if (isDrawn) this.step(name, check);
      else this.watch.step(name, why);
    }
    this.step('evidence', () => this.checkEvidence());
  }

  step(name, check) {
    this.current = name;
    this.watch.step(name, 'running');
    check();
    this.watch.step(name, 'passed');
  }

  advance(share) {
    this.watch.progress(this.current, share);
  }

  checkFile() {
    const { container } = this;
    if (container.bare) return;
    const whole = container.names().reduce((sum, name) => sum + container.size(name), 0);
    let read = 0;
    const manifest = checkManifest(container, (size) => {
      read += size;
      this.advance(read / whole);
    });
    this.edition = manifest.edition;
    this.named = manifest.contest;
    if (container.has('README.txt')) this.findings.add('unverified-file', { name: 'README.txt' });
  }

  checkRules() {
    const events = readEvents(this.container, this.seen);
    const named = this.container.bare || this.named === this.seen.contest;
    demand(named, 'manifest-contest', 'manifest.json');
    this.chain = new Chain(events, this.practiceAllowed);
    if (this.chain.beacon.practice) this.findings.first('practice', {});
    this.chain.checkVersions();
    if (this.container.bare) this.findings.add('bare-proof', {});
    else this.checkPromises();
  }

  checkPromises() {
    const { container, chain, findings } = this;
    const versions = checkTerms(container, chain, findings);
    this.terms = versions.at(-1);
    checkQuizzes(container, versions, chain, findings);
  }

  checkList() {
    const { chain, container, findings } = this;
    if (chain.freeze) chain.checkFreeze();
    this.entries = checkEntries(container, chain, (share) => this.advance(share));
    const anchor = chain.freeze?.body.anchor;
    const isTrue = !anchor || chain.beacon.isRound(anchor.round, anchor.signature);
    demand(isTrue, 'anchor-signature', chain.freeze?.where);
    checkNamed(this.entries, [...chain.dqsBefore, ...chain.dqsAfter]);
    chain.checkTimes();
    const { contest } = chain;
    this.opened = checkOpenings(container, { contest, entries: this.entries });
    checkDispute(container, { chain, entries: this.entries, edition: this.edition, findings });
  }

  checkBeacon() {
    const { body, where } = this.chain.result;
    demand(this.chain.beacon.isRound(body.round, body.signature), 'signature', where);
    this.randomness = hex(sha256(unhex(body.signature)));
    demand(body.randomness === this.randomness, 'randomness', where);
  }

  makeSeeds() {
    this.seeds = seedsOf(this.chain, this.randomness);
  }

  makeOrders() {
    this.orders = ordersOf(this.entries, this.seeds, (share) => this.advance(share));
  }

  checkWinners() {
    const { body, where } = this.chain.result;
    const { draws } = this.chain.inForce.body;
    const countOf = ({ tiers }) => tiers.reduce((sum, tier) => sum + tier.winners, 0);
    const fits =
      body.draws.length === draws.length &&
      draws.every((draw, k) => countOf(draw) === body.draws[k].length);
    demand(fits, 'winners-count', where);
    this.slots = slotsOf(this.chain, this.entries, this.orders);
    this.initial = this.slots.map((slots) => slots.listed(slots.initial));
    const isSame = (slot, other) =>
      slot.tier === other.tier && slot.commit === other.commit && slot.ticket === other.ticket;
    this.initial.forEach((slots, k) => {
      demand(
        slots.every((slot, n) => isSame(slot, body.draws[k][n])),
        'winners',
        where,
      );
    });
  }

  succeed() {
    this.successions = [];
    for (const { body, at } of this.chain.dqsAfter) {
      const index = this.entries.findHex(body.commit);
      this.slots.forEach((slots, draw) => {
        const change = slots.disqualify(index);
        if (change) this.successions.push({ ...change, draw, at, reason: body.reason });
      });
    }
    this.final = this.slots.map((slots) => slots.listed(slots.holders));
  }

  checkEvidence() {
    const { chain, container, trust, findings } = this;
    this.slice = checkSlice(container, chain.events, (share) => this.advance(share));
    const checkpoints = this.slice?.checkpoints ?? null;
    const graded = gradeBundle(container, { chain, checkpoints, trust, findings });
    const isDone = chain.outcome === 'result' || chain.outcome === 'void';
    this.graded = { ...graded, hasLog: checkpoints !== null };
    if (isDone && !chain.beacon.practice) this.sayGrade(graded);
    if (chain.isVoidAfterRound)
      findings.add('void-after-round', { round: chain.freeze.body.round });
    if (this.opened) findings.add('openings', { opened: this.opened, count: this.entries.count });
  }

  sayGrade({ grade, events }) {
    this.grade = grade;
    this.findings.add(`grade-${grade.toLowerCase()}`, {});
    for (const one of events) {
      if (one.grade === 'A' || !this.graded.hasLog) continue;
      this.findings.add('event-grade', {
        where: one.event.where,
        type: one.event.type,
        grade: one.grade,
      });
    }
  }

  /** The facts of machine output where nothing was refused. */
  facts() {
    const { chain } = this;
    const isDone = chain.outcome === 'result' || chain.outcome === 'void';
    const verdict = !isDone ? 'pending' : chain.beacon.practice ? 'practice' : 'verified';
    return {
      verdict,
      reason: null,
      where: null,
      practice: chain.beacon.practice,
      grade: this.grade ?? null,
      outcome: chain.outcome,
      contest: chain.contest,
      freeze_hash: chain.freeze?.hash ?? null,
      round: chain.freeze?.body.round ?? null,
      randomness: this.randomness ?? null,
      initial: this.initial ?? null,
      final: this.final ?? null,
      findings: this.findings.items,
    };
  }

  /** The facts of machine output where something was refused. */
  refusal(problem) {
    return {
      verdict: problem instanceof Unreadable ? 'unreadable' : 'refused',
      reason: problem.code,
      where: problem.where,
      practice: this.chain?.beacon.practice ?? false,
      grade: null,
      outcome: null,
      contest: this.seen.contest,
      freeze_hash: null,
      round: null,
      randomness: null,
      initial: null,
      final: null,
      findings: this.findings.items,
    };
  }
}

const asRefused = (problem) =>
  problem instanceof Refused ? problem : new Unreadable('internal-error');

function open({ zip, folder }) {
  return zip ? fromZip(zip) : fromFolder(folder);
}

function receiptOf(check, bytes, isSound) {
  if (!bytes) return { index: -1, receipt: null };
  if (isSound) return checkAgainst(bytes, check, check.findings);
  return {
    index: -1,
    receipt: { holds: false, reason: 'receipt-bundle', weight: null, draws: null },
  };
}

/**
 * Check a bundle: `{zip: bytes}` or `{folder: listing}` (see `fromFolder`). `trust` and `receipt` are
 * the bytes of files, or null. Never throws. Returns `facts`, the machine output (its findings as
 * codes and facts), `failed`, the step that did not hold (or `trust`, which comes before all steps) or
 * null, and `check`.
 */
export function verify(
  source,
  { practice = false, trust = null, receipt = null, watch = SILENT } = {},
) {
  const check = new Check({ practice, watch });
  try {
    check.run(source, trust);
    const { index, receipt: held } = receiptOf(check, receipt, true);
    return { facts: { ...check.facts(), receipt: held }, failed: null, check, index };
  } catch (error) {
    const problem = asRefused(error);
    const { receipt: held } = receiptOf(check, receipt, false);
    const facts = { ...check.refusal(problem), receipt: held };
    return { facts, failed: check.current, check, index: -1, error };
  }
}
