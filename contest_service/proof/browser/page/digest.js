// Hashes and addresses for people, copied whole by one tap. Hashes are in groups, the first and the
// last ones emphasised.

import { html } from './dom.js';

const GROUP = 8;

function select(element) {
  const range = document.createRange();
  range.selectNodeContents(element);
  const selection = getSelection();
  selection.removeAllRanges();
  selection.addRange(range);
}

/** A text that a tap copies whole; where copying is not permitted, it is selected. */
function copied(words, text, code) {
  const said = html('span', { class: 'copied', role: 'status' });
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(text);
      said.textContent = words.say('copied');
    } catch {
      select(code);
    }
  };
  const button = html(
    'button',
    { type: 'button', class: 'digest', title: words.say('copy'), onclick: copy },
    code,
  );
  return html('span', { class: 'digest-row' }, button, said);
}

/** Show a hash (hex). */
export function digest(words, text) {
  const groups = text.match(new RegExp(`.{1,${GROUP}}`, 'g'));
  const parts = groups.map((group, k) =>
    html(k === 0 || k === groups.length - 1 ? 'b' : 'span', {}, group),
  );
  return copied(words, text, html('code', {}, ...parts));
}

/** Show an address, as one piece. */
export const address = (words, text) =>
  copied(words, text, html('code', { class: 'address' }, html('b', {}, text)));

/** The first group of a hash, where it only tells entries apart. */
export const short = (text) => text.slice(0, GROUP);
