// Ed25519 (RFC 8032) as the specification says it (section 7.1): the equation without the cofactor,
// and one encoding of everything.

import { ed25519 } from '@noble/curves/ed25519.js';
import { sha512 } from '@noble/hashes/sha2.js';
import { concat, equal, hex } from './bytes.js';

const { Point } = ed25519;
const ORDER = Point.Fn.ORDER;
const PRIME = 2n ** 255n - 19n;

const little = (bytes) => BigInt(`0x${hex(bytes.slice().reverse())}`);

function publicPoint(bytes) {
  const y = little(bytes) & ((1n << 255n) - 1n);
  if (bytes.length !== 32 || y >= PRIME) return null;
  try {
    return Point.fromBytes(bytes);
  } catch {
    return null;
  }
}

const times = (point, scalar) => (scalar === 0n ? Point.ZERO : point.multiplyUnsafe(scalar));

/** Whether these 64 bytes are the signature of a message by a public key of 32 bytes. */
export function isSignedBy(publicKey, message, signature) {
  const point = publicPoint(publicKey);
  if (point === null || signature.length !== 64) return false;
  const r = signature.slice(0, 32);
  const s = little(signature.slice(32));
  if (s >= ORDER) return false;
  const k = little(sha512(concat(r, publicKey, message))) % ORDER;
  return equal(times(Point.BASE, s).subtract(times(point, k)).toBytes(), r);
}
