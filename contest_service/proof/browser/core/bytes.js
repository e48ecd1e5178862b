// Bytes and their spellings: UTF-8, hex, base64, big-endian integers.

const encoder = new TextEncoder();
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const HEX = Array.from({ length: 256 }, (_, value) => value.toString(16).padStart(2, '0'));

/** Encode a text as UTF-8. */
export const utf8 = (text) => encoder.encode(text);

/** Decode UTF-8; null where the bytes are not UTF-8. A byte order mark is kept as a character. */
export function textOf(bytes) {
  try {
    return decoder.decode(bytes);
  } catch {
    return null;
  }
}

/** Spell bytes in lower-case hex. */
export function hex(bytes) {
  let text = '';
  for (const value of bytes) text += HEX[value];
  return text;
}

const digitOf = (code) => (code < 0x3a ? code - 0x30 : code - 0x57);

/** Read hex that is known to be well formed. */
export function unhex(text) {
  const bytes = new Uint8Array(text.length / 2);
  for (let k = 0; k < bytes.length; k++) {
    bytes[k] = (digitOf(text.charCodeAt(2 * k)) << 4) | digitOf(text.charCodeAt(2 * k + 1));
  }
  return bytes;
}

/** Put parts one after another. */
export function concat(...parts) {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/** Compare as byte strings: negative, zero or positive. */
export function compare(a, b) {
  const shorter = Math.min(a.length, b.length);
  for (let k = 0; k < shorter; k++) if (a[k] !== b[k]) return a[k] - b[k];
  return a.length - b.length;
}

export const equal = (a, b) => compare(a, b) === 0;

/** Write an integer in 4 bytes, big-endian. */
export function u32(value) {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, value);
  return bytes;
}

/** Write an integer (number or BigInt) in 8 bytes, big-endian. */
export function u64(value) {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(value));
  return bytes;
}

/** Read an unsigned integer of any length, big-endian, as a BigInt. */
export const bigOf = (bytes) => (bytes.length ? BigInt(`0x${hex(bytes)}`) : 0n);

/** Read base64 with padding in its one canonical spelling; null for anything else. */
export function base64(text) {
  if (!/^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(text)) return null;
  const plain = atob(text);
  if (btoa(plain) !== text) return null;
  return Uint8Array.from(plain, (character) => character.charCodeAt(0));
}
