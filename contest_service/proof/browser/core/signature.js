// Signatures of certificates and timestamps: RSA (PKCS #1 v1.5) and ECDSA on P-256 and P-384.

import { p256, p384 } from '@noble/curves/nist.js';
import { sha384, sha512 } from '@noble/hashes/sha2.js';
import { bigOf, concat, equal, unhex } from './bytes.js';
import {
  algorithmOf,
  BIT_STRING,
  bitsOf,
  DerError,
  INTEGER,
  integerOf,
  OBJECT_ID,
  oidOf,
  only,
  SEQUENCE,
} from './der.js';
import { sha256 } from './sha256.js';

const RSA = '1.2.840.113549.1.1.1';
const LEAST_BITS = 2048;
const MOST_BITS = 16_384;
const MOST_EXPONENT_BITS = 64;

export const HASHES = {
  '2.16.840.1.101.3.4.2.1': (...parts) => sha256(...parts),
  '2.16.840.1.101.3.4.2.2': (...parts) => sha384(concat(...parts)),
  '2.16.840.1.101.3.4.2.3': (...parts) => sha512(concat(...parts)),
};
/** The beginning of a DigestInfo for each hash (RFC 8017, section 9.2). */
const DIGEST_INFO = {
  '2.16.840.1.101.3.4.2.1': unhex('3031300d060960864801650304020105000420'),
  '2.16.840.1.101.3.4.2.2': unhex('3041300d060960864801650304020205000430'),
  '2.16.840.1.101.3.4.2.3': unhex('3051300d060960864801650304020305000440'),
};
const SIGNATURES = {
  '1.2.840.113549.1.1.11': ['rsa', '2.16.840.1.101.3.4.2.1'],
  '1.2.840.113549.1.1.12': ['rsa', '2.16.840.1.101.3.4.2.2'],
  '1.2.840.113549.1.1.13': ['rsa', '2.16.840.1.101.3.4.2.3'],
  '1.2.840.10045.4.3.2': ['ecdsa', '2.16.840.1.101.3.4.2.1'],
  '1.2.840.10045.4.3.3': ['ecdsa', '2.16.840.1.101.3.4.2.2'],
  '1.2.840.10045.4.3.4': ['ecdsa', '2.16.840.1.101.3.4.2.3'],
};
const CURVES = { '1.2.840.10045.3.1.7': p256.Point, '1.3.132.0.34': p384.Point };

/** Which scheme and hash an algorithm stands for; null if it is not one that is looked at. */
export function schemeOf({ id, parameters }, digestId) {
  const isNull = parameters?.tag === 0x05 && parameters.content.length === 0;
  if (id === RSA) return digestId in HASHES && (isNull || !parameters) ? ['rsa', digestId] : null;
  const scheme = SIGNATURES[id] ?? null;
  if (scheme === null) return null;
  return scheme[0] === 'rsa' ? (isNull || !parameters ? scheme : null) : parameters ? null : scheme;
}

/** Read a SubjectPublicKeyInfo; null for a kind of key that is not looked at. */
export function publicKeyOf(element) {
  const parts = element.inside();
  const { id, parameters } = algorithmOf(parts.next(SEQUENCE));
  const bits = bitsOf(parts.next(BIT_STRING));
  parts.end();
  if (id === RSA) {
    const numbers = only(bits, SEQUENCE).inside();
    const key = {
      kind: 'rsa',
      n: integerOf(numbers.next(INTEGER)),
      e: integerOf(numbers.next(INTEGER)),
    };
    numbers.end();
    return key;
  }
  if (id !== '1.2.840.10045.2.1' || parameters?.tag !== OBJECT_ID) return null;
  const Point = CURVES[oidOf(parameters)];
  if (!Point) return null;
  try {
    return { kind: 'ecdsa', Point, point: Point.fromBytes(bits) };
  } catch {
    throw new DerError();
  }
}

function power(base, exponent, modulus) {
  let result = 1n;
  for (let square = base, left = exponent; left > 0n; left >>= 1n) {
    if (left & 1n) result = (result * square) % modulus;
    square = (square * square) % modulus;
  }
  return result;
}

const bitLength = (value) => value.toString(2).length;

function isRsaSignature({ n, e }, hashId, digest, signature) {
  if (n <= 0n || e <= 1n || bitLength(e) > MOST_EXPONENT_BITS || (n & e & 1n) === 0n) return false;
  const bits = bitLength(n);
  const length = Math.ceil(bits / 8);
  if (bits < LEAST_BITS || bits > MOST_BITS || signature.length !== length) return false;
  const value = bigOf(signature);
  if (value >= n) return false;
  const info = concat(DIGEST_INFO[hashId], digest);
  const padding = new Uint8Array(length - info.length - 3).fill(0xff);
  const wanted = concat([0, 1], padding, [0], info);
  return equal(
    unhex(
      power(value, e, n)
        .toString(16)
        .padStart(2 * length, '0'),
    ),
    wanted,
  );
}

function isEcdsaSignature({ Point, point }, digest, signature) {
  const order = Point.Fn.ORDER;
  let r;
  let s;
  try {
    const numbers = only(signature, SEQUENCE).inside();
    [r, s] = [integerOf(numbers.next(INTEGER)), integerOf(numbers.next(INTEGER))];
    numbers.end();
  } catch {
    return false;
  }
  if (r < 1n || s < 1n || r >= order || s >= order) return false;
  const excess = Math.max(0, 8 * digest.length - bitLength(order));
  const z = (bigOf(digest) >> BigInt(excess)) % order;
  const inverse = Point.Fn.inv(s);
  const [u1, u2] = [(z * inverse) % order, (r * inverse) % order];
  const base = u1 === 0n ? Point.ZERO : Point.BASE.multiplyUnsafe(u1);
  const sum = base.add(point.multiplyUnsafe(u2));
  return !sum.is0() && sum.toAffine().x % order === r;
}

/** Whether `signature` is that of `message` by a key, under a scheme of `schemeOf`. */
export function isSigned(key, [kind, hashId], message, signature) {
  if (key?.kind !== kind) return false;
  const digest = HASHES[hashId](message);
  if (kind === 'rsa') return isRsaSignature(key, hashId, digest, signature);
  return isEcdsaSignature(key, digest, signature);
}
