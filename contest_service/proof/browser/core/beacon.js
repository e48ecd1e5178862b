// The public beacon: which round decides, and whether a signature is really a round's (section 5).

import { bls12_381 } from '@noble/curves/bls12-381.js';
import { bigOf, hex, u64, unhex } from './bytes.js';
import { demand } from './refusal.js';
import { sha256, tag } from './sha256.js';

const QUICKNET = {
  chain: '52db9ba70e0cc0f6eaf7803dd07447a1f5477735fd3f661792ba94600c84e971',
  genesis: 1692803367,
  period: 3,
  scheme: 'bls-unchained-g1-rfc9380',
  public_key:
    '83cf0f2896adee7eb8b5f01fcad3912212c437e0073e911fb90022d3e760183c8c4b450b6a0a6c3ac6a5776a2d1064510d1fec758c921cc22b0e17e63aaf4bcb5ed66304de9cf809bd274ca73bab4af5a6e9c76a4bc09e76eae8991ef5ece45a',
};
const DST = 'BLS_SIG_BLS12381G1_XMD:SHA-256_SSWU_RO_NUL_';
const { Fp, Fp2, Fp12 } = bls12_381.fields;
const G1 = bls12_381.G1.Point;
const G2 = bls12_381.G2.Point;
const G1_B = 4n;
const G2_B = { c0: 4n, c1: 4n };

/** Take the three flags off the first byte; null unless compressed and not infinity. */
function unflagged(bytes) {
  if ((bytes[0] & 0x80) === 0 || (bytes[0] & 0x40) !== 0) return null;
  const plain = bytes.slice();
  plain[0] &= 0x1f;
  return { plain, larger: (bytes[0] & 0x20) !== 0 };
}

function squareRoot(field, value) {
  try {
    const root = field.sqrt(value);
    return field.eql(field.sqr(root), value) ? root : null;
  } catch {
    return null;
  }
}

const isLarger = (y) => 2n * y > Fp.ORDER;
const isLargerPair = ({ c0, c1 }) => (c1 === 0n ? isLarger(c0) : isLarger(c1));

/** Read a signature, a point of G1 in 48 bytes; null unless every rule about the bytes holds. */
export function signaturePoint(bytes) {
  const read = unflagged(bytes);
  if (read === null) return null;
  const x = bigOf(read.plain);
  if (x >= Fp.ORDER) return null;
  const root = squareRoot(Fp, Fp.add(Fp.mul(Fp.sqr(x), x), G1_B));
  if (root === null) return null;
  const point = G1.fromAffine({ x, y: isLarger(root) === read.larger ? root : Fp.neg(root) });
  return point.isTorsionFree() ? point : null;
}

/** Read a public key, a point of G2 in 96 bytes, the imaginary part first; null as above. */
export function keyPoint(bytes) {
  const read = unflagged(bytes);
  if (read === null) return null;
  const x = { c1: bigOf(read.plain.subarray(0, 48)), c0: bigOf(read.plain.subarray(48)) };
  if (x.c0 >= Fp.ORDER || x.c1 >= Fp.ORDER) return null;
  const root = squareRoot(Fp2, Fp2.add(Fp2.mul(Fp2.sqr(x), x), G2_B));
  if (root === null) return null;
  const y = isLargerPair(root) === read.larger ? root : Fp2.neg(root);
  const point = G2.fromAffine({ x, y });
  return point.isTorsionFree() ? point : null;
}

function holds(round, signature, key) {
  const message = bls12_381.G1.hashToCurve(sha256(u64(round)), { DST });
  const product = bls12_381.pairingBatch([
    { g1: signature, g2: G2.BASE.negate() },
    { g1: message, g2: key },
  ]);
  return Fp12.eql(product, Fp12.ONE);
}

const verified = new Map();

/** Whether this hex is the signature of a round by a key (its hex). What was computed is kept. */
export function isSignature(publicKey, round, signature) {
  if (typeof signature !== 'string' || !/^[0-9a-f]{96}$/.test(signature)) return false;
  const question = `${publicKey} ${round} ${signature}`;
  if (!verified.has(question)) {
    const point = signaturePoint(unhex(signature));
    verified.set(question, point !== null && holds(round, point, keyPoint(unhex(publicKey))));
  }
  return verified.get(question);
}

const sound = new Map();

function isSoundKey(text) {
  if (!/^[0-9a-f]{192}$/.test(text)) return false;
  if (!sound.has(text)) sound.set(text, keyPoint(unhex(text)) !== null);
  return sound.get(text);
}

/** The beacon that rules name. Times are BigInt: a practice beacon's may be beyond 2^53. */
export class Beacon {
  /** Refuses a beacon that is neither the pinned one nor, if asked for, a proper practice one. */
  constructor(facts, practiceAllowed, where) {
    this.facts = facts;
    this.practice = !Object.keys(QUICKNET).every((key) => facts[key] === QUICKNET[key]);
    if (this.practice) this.checkPractice(practiceAllowed, where);
  }

  checkPractice(allowed, where) {
    const { chain, genesis, period, scheme, public_key: key } = this.facts;
    demand(allowed, 'beacon-not-pinned', where);
    const other = chain !== QUICKNET.chain && key !== QUICKNET.public_key;
    demand(other && scheme === QUICKNET.scheme, 'practice-beacon', where);
    demand(isSoundKey(key), 'practice-key', where);
    const derived = sha256(tag('practice'), u64(genesis), u64(period), unhex(key));
    demand(chain === hex(derived), 'practice-chain', where);
  }

  isSame(facts) {
    return Object.keys(QUICKNET).every((key) => facts[key] === this.facts[key]);
  }

  timeOf(round) {
    return BigInt(this.facts.genesis) + (BigInt(round) - 1n) * BigInt(this.facts.period);
  }

  firstRoundAt(time) {
    const { genesis, period } = this.facts;
    if (time <= genesis) return 1n;
    return 1n + (BigInt(time - genesis) + BigInt(period) - 1n) / BigInt(period);
  }

  isRound(round, signature) {
    return isSignature(this.facts.public_key, round, signature);
  }
}
