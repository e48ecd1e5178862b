// The winners of each draw, who fell out and who followed.

import { digest, short } from './digest.js';
import { html } from './dom.js';
import { shown } from './words.js';

/** How a person is called: by name and account where that is shown, else by the entry. */
export function personName(words, { commit, label, subject }) {
  if (subject === undefined) return words.say('anonymous', { commit: short(commit) });
  return label === '' ? shown(subject) : `${shown(label)} (${shown(subject)})`;
}

function row(words, { prize, person, ticket }) {
  const who = person ? personName(words, person) : words.say('nobody');
  return html(
    'tr',
    {},
    html('td', { 'data-label': words.say('prize') }, shown(prize)),
    html('td', { 'data-label': words.say('who'), class: person ? 'who' : 'empty' }, who),
    html('td', { 'data-label': words.say('ticket') }, ticket ? digest(words, ticket) : '—'),
  );
}

function change(words, { from, to, reason }) {
  const facts = { from: personName(words, from), reason };
  return html(
    'li',
    {},
    to
      ? words.say('replaced', { ...facts, to: personName(words, to) })
      : words.say('replacedByNobody', facts),
  );
}

/** The table of one draw. */
export function winnersOf(words, { held, changes }) {
  const head = ['prize', 'who', 'ticket'].map((key) =>
    html('th', { scope: 'col' }, words.say(key)),
  );
  return html(
    'div',
    {},
    html(
      'table',
      {},
      html('thead', {}, html('tr', {}, ...head)),
      html('tbody', {}, ...held.map((one) => row(words, one))),
    ),
    changes.length
      ? html('ul', { class: 'changes' }, ...changes.map((one) => change(words, one)))
      : null,
  );
}
