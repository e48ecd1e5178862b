// Find yourself: by what a receipt says, or by the receipt itself.

import { digest } from './digest.js';
import { html, refill } from './dom.js';
import { shown } from './words.js';

function field(words, name, key, attributes = {}) {
  const id = `find-${name}`;
  return html(
    'p',
    { class: 'field' },
    html('label', { for: id }, words.say(key)),
    html('input', {
      id,
      name,
      autocomplete: 'off',
      spellcheck: 'false',
      autocapitalize: 'off',
      ...attributes,
    }),
  );
}

function oneDraw(words, draw, number, { count, several }) {
  const winners = draw.cut_off === null ? null : draw.winners;
  return html(
    'div',
    { class: 'standing' },
    several ? html('h4', {}, words.say('draw', { number: number + 1 })) : null,
    html('p', { class: 'big' }, words.say('youAre', { place: words.ordinal(draw.place), count })),
    draw.out ? html('p', {}, words.say('youOut')) : null,
    draw.prize === null
      ? null
      : html('p', { class: 'won' }, words.say('youWon', { prize: shown(draw.prize) })),
    html('p', {}, winners === null ? words.say('noCut') : words.say('cutWas', { winners })),
    html('p', {}, `${words.say('yourTicket')}: `, digest(words, draw.ticket)),
    draw.cut_off === null
      ? null
      : html('p', {}, `${words.say('cutTicket')}: `, digest(words, draw.cut_off)),
  );
}

/** What is said to the person who was found. */
export function standingOf(words, { count, draws, outcome }) {
  if (draws === null) {
    const key = outcome === 'frozen' ? 'youNotDrawn' : 'youListed';
    return html('p', { class: 'big' }, words.say(key, { count }));
  }
  const options = { count, several: draws.length > 1 };
  return html('div', {}, ...draws.map((draw, number) => oneDraw(words, draw, number, options)));
}

/** What is said about the receipt or promise that was brought along. */
export function receiptOf(words, { holds, reason }) {
  const sentence = holds ? null : words.receiptReason(reason);
  return html(
    'p',
    { class: holds ? 'note passed' : 'note failed' },
    html('strong', {}, words.say(holds ? 'receiptHolds' : 'receiptFails')),
    sentence === null ? null : ` ${sentence}`,
  );
}

/** The form. `ask` is given what was typed. `answer` is the element for what comes back. */
export function findForm(words, ask) {
  const answer = html('div', { role: 'status', class: 'answer' });
  const submit = (event) => {
    event.preventDefault();
    const typed = Object.fromEntries(new FormData(event.target));
    ask({
      account: typed.account.trim(),
      salt: typed.salt.trim(),
      entry: typed.entry.trim(),
      label: typed.label,
    });
  };
  const form = html(
    'form',
    { onsubmit: submit, novalidate: true },
    html('p', {}, words.say('findLead')),
    field(words, 'account', 'findAccount'),
    field(words, 'salt', 'findSalt', { maxlength: 64 }),
    html(
      'details',
      {},
      html('summary', {}, words.say('findMore')),
      html('p', { class: 'small' }, words.say('findMoreLead')),
      field(words, 'entry', 'findEntry'),
      field(words, 'label', 'findLabel'),
    ),
    html('button', { type: 'submit', class: 'primary' }, words.say('findButton')),
  );
  const show = (...children) => refill(answer, ...children);
  return { form, answer, show };
}
