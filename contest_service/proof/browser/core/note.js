// Signed notes, checkpoints and the keys that sign them (section 7.1).

import { base64, concat, hex, textOf, utf8 } from './bytes.js';
import { isSignedBy } from './ed25519.js';
import { demand } from './refusal.js';
import { sha256 } from './sha256.js';

const MOST_BYTES = 65_536;
const MOST_SIGNATURES = 64;
const MOST_OF_ONE_KEY = 4;
const NAME = '[^+\\p{White_Space}]+';
const KEY = new RegExp(`^(${NAME})\\+([0-9a-f]{8})\\+([A-Za-z0-9+/=]+)$`, 'u');
const SIGNATURE_LINE = new RegExp(`^— (${NAME}) ([A-Za-z0-9+/=]+)$`, 'u');
const TEXT = new RegExp(`^(${NAME})\\n(0|[1-9][0-9]*)\\n([A-Za-z0-9+/=]+)\\n$`, 'u');

export const LOG = 1;
export const WITNESS = 4;

/** Read a verifier key of a type; null unless it is one, in its one spelling. */
export function readKey(text, type) {
  const found = KEY.exec(text);
  const bytes = found && base64(found[3]);
  if (!bytes || bytes.length !== 33 || bytes[0] !== type) return null;
  const [, name, id] = found;
  if (hex(sha256(utf8(`${name}\n`), bytes).subarray(0, 4)) !== id) return null;
  return { name, id, type, publicKey: bytes.slice(1) };
}

function readSignature(line, where) {
  const found = SIGNATURE_LINE.exec(line);
  const bytes = found && base64(found[2]);
  demand(bytes && bytes.length > 4, 'checkpoint-form', where);
  return { name: found[1], id: hex(bytes.subarray(0, 4)), bytes: bytes.subarray(4) };
}

/** Read a checkpoint: its origin, size (BigInt), root, text (bytes) and signature lines. */
export function readCheckpoint(bytes, where) {
  demand(bytes.length <= MOST_BYTES, 'checkpoint-form', where);
  const note = textOf(bytes);
  demand(note !== null && !/[\u0000-\u0009\u000b-\u001f]/.test(note), 'checkpoint-form', where);
  const middle = note.indexOf('\n\n');
  demand(middle > 0 && note.endsWith('\n'), 'checkpoint-form', where);
  const text = note.slice(0, middle + 1);
  const found = TEXT.exec(text);
  const root = found && base64(found[3]);
  demand(root && root.length === 32, 'checkpoint-form', where);
  demand(BigInt(found[2]) < 1n << 63n, 'checkpoint-form', where);
  const lines = note.slice(middle + 2, -1).split('\n');
  demand(lines.length <= MOST_SIGNATURES, 'checkpoint-form', where);
  return {
    where,
    origin: found[1],
    size: BigInt(found[2]),
    root,
    text: utf8(text),
    signatures: lines.map((line) => readSignature(line, where)),
  };
}

/** The cosignature's time if it holds, else null. */
function witnessed(key, text, bytes) {
  if (bytes.length !== 72) return null;
  const time = new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0);
  const message = concat(utf8(`cosignature/v1\ntime ${time}\n`), text);
  return isSignedBy(key.publicKey, message, bytes.subarray(8)) ? time : null;
}

/** What the lines that belong to a key hold, each once; of one key only a few may differ. */
function signaturesOf(key, { signatures, where }) {
  const mine = signatures.filter(({ name, id }) => name === key.name && id === key.id);
  const distinct = new Map(mine.map(({ bytes }) => [hex(bytes), bytes]));
  demand(distinct.size <= MOST_OF_ONE_KEY, 'checkpoint-signatures', where);
  return distinct.values();
}

/**
 * Check the lines that belong to a key. Returns null if there is none, and otherwise the earliest
 * time that was signed (a log's signature has none: 0). Refuses a line that does not hold.
 */
export function timeSignedBy(key, checkpoint) {
  const { text, where } = checkpoint;
  let earliest = null;
  for (const bytes of signaturesOf(key, checkpoint)) {
    const isLogs = key.type === LOG;
    const logTime = isLogs && isSignedBy(key.publicKey, text, bytes) ? 0n : null;
    const time = isLogs ? logTime : witnessed(key, text, bytes);
    demand(time !== null, 'checkpoint-signature', where);
    if (earliest === null || time < earliest) earliest = time;
  }
  return earliest;
}
