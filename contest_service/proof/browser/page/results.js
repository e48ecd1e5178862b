// The verdict, the contest's facts and what else is worth knowing.

import { digest } from './digest.js';
import { html, stateMark } from './dom.js';
import { shown } from './words.js';

const MARKS = {
  verified: 'passed',
  practice: 'passed',
  pending: 'waiting',
  refused: 'failed',
  unreadable: 'failed',
};

function headline({ verdict, outcome }) {
  if (outcome === 'void') return verdict === 'practice' ? 'verdict_practice_void' : 'verdict_void';
  return `verdict_${verdict}`;
}

function explanation(words, { verdict, outcome, reason }, isComputed) {
  if (reason) return words.reason(reason);
  if (outcome === 'void') return words.say('say_void');
  if (verdict === 'pending') return words.say(`say_pending_${isComputed ? 'computed' : outcome}`);
  return words.say(`say_${verdict}`);
}

/** The verdict in one box; practice is said first of all. */
export function verdictOf(words, { report, problem }) {
  if (problem)
    return box(
      'failed',
      html('h2', {}, words.say('verdict_unreadable')),
      html('p', {}, words.say(problem)),
    );
  if (!report) return box('running', html('h2', {}, words.say('verdict_checking')));
  const { facts } = report;
  const grade = facts.findings.find(({ code }) => code.startsWith('grade-'));
  return box(
    MARKS[facts.verdict],
    facts.practice ? html('p', { class: 'practice-warning' }, words.say('practiceWarning')) : null,
    html('h2', {}, words.say(headline(facts))),
    html('p', {}, explanation(words, facts, Boolean(report.computed))),
    facts.where
      ? html('p', { class: 'small' }, words.say('place', { where: shown(facts.where) }))
      : null,
    grade ? html('p', { class: 'grade' }, words.finding(grade)) : null,
  );
}

const box = (state, ...children) =>
  html('section', { class: `verdict ${state}` }, stateMark(state), html('div', {}, ...children));

/** The contest's facts. */
export function factsOf(words, { about, facts, file, computed }) {
  const randomness = facts.randomness ?? computed?.randomness ?? null;
  const time = (seconds) => words.time(seconds, about.zone);
  const known = about && {
    title: shown(about.title),
    organiser: shown(about.organiser),
    closes: time(about.closesAt),
    frozen: about.frozenAt === null ? null : time(about.frozenAt),
    round: facts.round === null ? null : words.number(facts.round),
    [randomness ? 'drawn' : 'due']: about.roundTime === null ? null : time(about.roundTime),
    entries: about.count === null ? null : words.number(about.count),
    tickets: about.weight === null ? null : words.number(about.weight),
  };
  const rows = {
    ...known,
    contest: facts.contest === null ? null : shown(facts.contest),
    freeze: facts.freeze_hash && digest(words, facts.freeze_hash),
    randomness: randomness && digest(words, randomness),
    file: file && digest(words, file),
  };
  const items = Object.entries(rows)
    .filter(([, value]) => value !== null && value !== undefined)
    .map(([key, value]) =>
      html('div', {}, html('dt', {}, words.say(`fact_${key}`)), html('dd', {}, value)),
    );
  return html('section', {}, html('h2', {}, words.say('facts')), html('dl', {}, ...items));
}

/** The findings as sentences, without what stands in the verdict already. */
export function findingsOf(words, findings) {
  const others = findings.filter(({ code }) => code !== 'practice' && !code.startsWith('grade-'));
  if (others.length === 0) return null;
  const items = others.map((item) => html('li', {}, words.finding(item)));
  return html(
    'section',
    {},
    html('h2', {}, words.say('findings')),
    html('ul', { class: 'findings' }, ...items),
  );
}
