// Whom to believe: what the person who checks has given, never the bundle (section 7.4).

import { base64, textOf } from './bytes.js';
import { readCertificate } from './certificate.js';
import { only, SEQUENCE } from './der.js';
import { isNonEmpty, isText, listOf, shape } from './form.js';
import { LOG, readKey, WITNESS } from './note.js';
import { demand, Unreadable } from './refusal.js';

const MOST_BYTES = 2 ** 20;
const isKeyed = shape({ operator: isNonEmpty, key: isText });
const isTrust = shape({
  v: isText,
  logs: listOf(isKeyed),
  witnesses: listOf(isKeyed),
  timestamps: listOf(shape({ operator: isNonEmpty, certificate: isText })),
});

export const NOBODY = { logs: [], witnesses: [], timestamps: [] };

const STRINGS = /"(?:[^"\\]|\\.)*"(\s*:)?/g;

/** The number of keys in a text of JSON, wherever they stand. */
const keysIn = (text) =>
  [...text.matchAll(STRINGS)].filter(([, colon]) => colon !== undefined).length;

function keysOf(items, type) {
  return items.map(({ operator, key }) => ({ operator, key: readKey(key, type) }));
}

function rootOf({ operator, certificate }) {
  return { operator, certificate: readCertificate(only(base64(certificate), SEQUENCE)) };
}

const areDistinct = (texts) => new Set(texts).size === texts.length;

function read(bytes) {
  demand(bytes.length <= MOST_BYTES, 'trust');
  const text = textOf(bytes);
  const trust = JSON.parse(text);
  demand(isTrust(trust) && trust.v === 'drawproof/1', 'trust');
  const { logs, witnesses, timestamps } = trust;
  // A key of JSON that stands twice would leave open which of the two is meant.
  demand(keysIn(text) === 4 + 2 * (logs.length + witnesses.length + timestamps.length), 'trust');
  // Whoever is listed twice would be two operators with one voice.
  demand(areDistinct([...logs, ...witnesses].map(({ key }) => key)), 'trust');
  demand(areDistinct(timestamps.map(({ certificate }) => certificate)), 'trust');
  const found = {
    logs: keysOf(logs, LOG),
    witnesses: keysOf(witnesses, WITNESS),
    timestamps: timestamps.map(rootOf),
  };
  demand(
    [...found.logs, ...found.witnesses].every(({ key }) => key !== null),
    'trust',
  );
  return found;
}

/** Read a trust file (bytes). Anything else is unreadable. */
export function readTrust(bytes) {
  try {
    return read(bytes);
  } catch {
    throw new Unreadable('trust');
  }
}
