// Who is behind the commitments, where that is shown (section 3).

import { encode } from './canonical.js';
import { unhex, utf8 } from './bytes.js';
import { demandForm, isDigest, isNonEmpty, isText, shape } from './form.js';
import { Lines } from './lines.js';
import { demand } from './refusal.js';
import { sha256, tag } from './sha256.js';

const NAME = 'openings.jsonl';
const ENTRY_TAG = tag('entry');

export const isOpening = shape({
  contest: isNonEmpty,
  entry: isNonEmpty,
  subject: isNonEmpty,
  label: isText,
  salt: isDigest,
});

/** The commitment (bytes) that an opening gives. */
export function commitmentOf({ contest, entry, label, salt, subject }) {
  return sha256(ENTRY_TAG, unhex(salt), encode({ contest, entry, label, subject }));
}

/** Texts that were seen, as 128 bits of their hash each: a million need no object of their own. */
class Seen {
  constructor() {
    this.words = new Uint32Array(4 * 1024);
    this.held = 0;
  }

  /** Whether the text is new; it is remembered. */
  add(text) {
    if (2 * this.held * 4 >= this.words.length) this.grow();
    const digest = sha256(utf8(text));
    digest[0] |= 1; // so that no place that is taken looks empty
    const words = new Uint32Array(digest.buffer, 0, 4);
    const isNew = this.place(words);
    if (isNew) this.held++;
    return isNew;
  }

  place(words) {
    const slots = this.words.length / 4;
    let slot = words[1] % slots;
    while (this.words[4 * slot] !== 0) {
      let same = 0;
      while (same < 4 && this.words[4 * slot + same] === words[same]) same++;
      if (same === 4) return false;
      slot = (slot + 1) % slots;
    }
    this.words.set(words, 4 * slot);
    return true;
  }

  grow() {
    const old = this.words;
    this.words = new Uint32Array(2 * old.length);
    for (let at = 0; at < old.length; at += 4)
      if (old[at] !== 0) this.place(old.subarray(at, at + 4));
  }
}

/** Check all openings; return their number. */
export function checkOpenings(container, { contest, entries }) {
  if (!container.has(NAME)) return 0;
  const opened = new Uint8Array(entries.count);
  const [ids, subjects] = [new Seen(), new Seen()];
  let number = 0;
  const lines = new Lines(NAME, (value, where) => {
    demandForm(isOpening, value, where);
    demand(value.contest === contest, 'opening-contest', where);
    const index = entries.find(commitmentOf(value));
    demand(index >= 0, 'opening-unknown', where);
    demand(opened[index] === 0, 'opened-twice', where);
    demand(ids.add(value.entry) && subjects.add(value.subject), 'opened-twice', where);
    opened[index] = 1;
    number++;
  });
  container.readLines(lines);
  return number;
}

/** Hand on every opening of a bundle that was checked. */
export function eachOpening(container, take) {
  if (container.has(NAME)) container.readLines(new Lines(NAME, take));
}
