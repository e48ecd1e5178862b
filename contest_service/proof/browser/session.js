// One check in the worker, and what the page wants to know about it: plain values to be drawn.

import { hex } from './core/bytes.js';
import { BARE } from './core/container.js';
import { finish } from './core/finish.js';
import { commitmentOf, eachOpening } from './core/openings.js';
import { standing } from './core/receipt.js';
import { Refused } from './core/refusal.js';
import { sha256 } from './core/sha256.js';
import { verify } from './core/verify.js';

const MOST_DOTS = 400;
const BANDS = 200;
const NEAR_PLACES = 60;

const shareOf = (ticket) => parseInt(ticket.slice(0, 12), 16) / 2 ** 48;

/** How many entries stand in each of `BANDS` parts of the line up to `end`. */
function density(order, end) {
  const counts = new Array(BANDS).fill(0);
  for (let place = 0; place < order.length; place++) {
    const band = Math.floor((order.shareAt(place) / end) * BANDS);
    if (band >= BANDS) break;
    counts[band]++;
  }
  return counts;
}

/** One stretch of the line, from 0 to `end`: dots where they can be told apart, else a density. */
function stretch(order, end) {
  let count = order.length;
  if (end < 1) {
    let [low, high] = [0, order.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (order.shareAt(middle) < end) low = middle + 1;
      else high = middle;
    }
    count = low;
  }
  const few = count <= MOST_DOTS;
  const dots = few ? Array.from({ length: count }, (_, place) => order.shareAt(place)) : null;
  return { end, count, dots, bands: few ? null : density(order, end) };
}

/** What was chosen: one file is a zip, unless its name is a bare proof's; others are a folder's. */
function sourceOf(bundle) {
  const [{ name, bytes }] = bundle;
  if (bundle.length === 1 && !BARE.includes(name)) return { zip: bytes };
  return { folder: { files: new Map(bundle.map((file) => [file.name, file.bytes])) } };
}

/** A check that can be asked afterwards where somebody stands. */
export class Session {
  /** `files` are the `bundle`, [{name, bytes}], `trust` and `receipt`, bytes or null, and `practice`. */
  constructor(files, watch) {
    this.files = files;
    this.drawn = {};
    this.watch = watch;
  }

  /** Run the check; returns what the page shows. */
  check() {
    const { bundle, trust, receipt, practice } = this.files;
    const source = sourceOf(bundle);
    this.done = verify(source, { trust, receipt, practice, watch: this.watch });
    const { facts, failed, check, index } = this.done;
    const file = source.zip ? hex(sha256(source.zip)) : null;
    const report = { facts, failed, file, about: this.about(), you: null };
    if (facts.verdict === 'refused' || facts.verdict === 'unreadable') return report;
    if (check.slots) {
      this.drawn = check;
      report.draws = this.drawsShown();
    }
    if (index >= 0) report.you = this.standingOf(index);
    return report;
  }

  /**
   * Compute the winners from the beacon's answer (a text): {problem}, or {winners, draws, you, grade}.
   * The grade is what the evidence gives for the frozen list; null in practice.
   */
  finish(text) {
    const { check, index } = this.done;
    try {
      const { winners, orders, slots } = finish(check, text, this.watch);
      this.drawn = { orders, slots, successions: [] };
      const you = index >= 0 ? this.standingOf(index) : null;
      const grade = check.chain.beacon.practice ? null : check.graded.grade;
      return { winners, draws: this.drawsShown(), you, grade };
    } catch (error) {
      return { problem: error instanceof Refused ? error.code : 'internal-error' };
    }
  }

  about() {
    const { chain, entries } = this.done.check;
    if (!chain) return null;
    const { body } = chain.inForce;
    return {
      title: body.title,
      organiser: body.organiser,
      chain: body.beacon.chain,
      closesAt: body.closes_at,
      frozenAt: chain.freeze?.at ?? null,
      roundTime: chain.freeze ? Number(chain.roundTime) : null,
      count: chain.freeze && entries ? entries.count : null,
      weight: chain.freeze?.body.entries.weight ?? null,
      zone: this.done.check.terms?.zone ?? null,
    };
  }

  drawsShown() {
    this.names = this.namesShown();
    return this.drawn.slots.map((slots, k) => this.drawShown(slots, k));
  }

  /** Openings of everybody whom the page names. */
  namesShown() {
    const { check } = this.done;
    const wanted = new Set();
    this.drawn.slots.forEach(({ initial, holders, order }) => {
      for (const index of [...initial, ...holders]) wanted.add(index);
      const near = Math.min(order.length, NEAR_PLACES);
      for (let place = 0; place < near; place++) wanted.add(order.indexAt(place));
    });
    for (const { from } of this.drawn.successions) wanted.add(from);
    const names = new Map();
    eachOpening(check.container, (opening) => {
      const index = check.entries.find(commitmentOf(opening));
      if (wanted.has(index)) names.set(index, { label: opening.label, subject: opening.subject });
    });
    return names;
  }

  person(index) {
    if (index < 0) return null;
    const commit = hex(this.done.check.entries.commitment(index));
    return { commit, ...this.names.get(index) };
  }

  drawShown(slots, k) {
    const { check } = this.done;
    const prizes = new Map(
      check.chain.inForce.body.draws[k].tiers.map(({ id, prize }) => [id, prize]),
    );
    const held = slots.holders.map((index, number) => ({
      prize: prizes.get(slots.tiers[number]),
      person: this.person(index),
      ticket: index < 0 ? null : hex(slots.order.ticket(index)),
    }));
    const changes = this.drawn.successions
      .filter(({ draw }) => draw === k)
      .map(({ from, to, reason }) => ({ from: this.person(from), to: this.person(to), reason }));
    return { held, changes, line: this.lineShown(slots) };
  }

  lineShown(slots) {
    const { order, cutOff } = slots;
    const winners = slots.initial.filter((index) => index >= 0).length;
    const cut = cutOff === null ? null : shareOf(cutOff);
    const reach = cut === null ? 1 : Math.min(1, cut * 2 + Number.EPSILON);
    const holding = new Set(slots.holders);
    const near = Array.from({ length: Math.min(order.length, NEAR_PLACES) }, (_, place) => {
      const index = order.indexAt(place);
      return { share: order.shareAt(place), won: holding.has(index), person: this.person(index) };
    });
    return {
      cut,
      winners,
      count: order.length,
      whole: stretch(order, 1),
      enlarged: stretch(order, reach),
      near,
    };
  }

  /** What the page says to somebody about the entry at an index. */
  standingOf(index) {
    const { check } = this.done;
    const draws = standing(this.drawn, index);
    const shown = draws?.map((draw, k) => {
      const slots = this.drawn.slots[k];
      const number = slots.holders.indexOf(index);
      const { tiers } = check.chain.inForce.body.draws[k];
      const prize = number < 0 ? null : tiers.find(({ id }) => id === slots.tiers[number]).prize;
      return { ...draw, share: shareOf(draw.ticket), prize, out: slots.gone.has(index) };
    });
    return { count: check.entries.count, draws: shown ?? null, outcome: check.chain.outcome };
  }

  /** Find an entry by what a person typed: {you} or {problem}. */
  find({ account, salt, entry, label }) {
    const { check } = this.done;
    if (!account) return { problem: 'findNothing' };
    if (salt && !/^[0-9a-f]{64}$/.test(salt)) return { problem: 'findSaltForm' };
    let found = null;
    eachOpening(check.container, (opening) => {
      if (opening.subject === account || opening.label === account) found ??= opening;
      else return;
      if (salt && opening.salt === salt) found = opening;
    });
    if (found && salt && found.salt !== salt) return { problem: 'findSaltWrong' };
    if (!found && salt && entry)
      found = { contest: check.chain.contest, entry, subject: account, label, salt };
    else if (!found) return { problem: 'findUnknown' };
    const index = check.entries.find(commitmentOf(found));
    return index < 0 ? { problem: 'findNotIn' } : { you: this.standingOf(index) };
  }
}
