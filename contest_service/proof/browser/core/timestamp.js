// RFC 3161 timestamps about a checkpoint (section 7.3).

import { equal } from './bytes.js';
import {
  isForTimestamps,
  keyIdentifierOf,
  leadsTo,
  readCertificate,
  stepChecker,
} from './certificate.js';
import {
  algorithmOf,
  BOOLEAN,
  booleanOf,
  DerError,
  expect,
  expectWhole,
  GENERALIZED_TIME,
  INTEGER,
  integerOf,
  OBJECT_ID,
  OCTET_STRING,
  oidOf,
  only,
  Reader,
  SEQUENCE,
  SET,
  timeOf,
} from './der.js';
import { Refused } from './refusal.js';
import { sha256 } from './sha256.js';
import { HASHES, isSigned, schemeOf } from './signature.js';

const SIGNED_DATA = '1.2.840.113549.1.7.2';
const TST_INFO = '1.2.840.113549.1.9.16.1.4';
const CONTENT_TYPE = '1.2.840.113549.1.9.3';
const MESSAGE_DIGEST = '1.2.840.113549.1.9.4';
const SHA256 = '2.16.840.1.101.3.4.2.1';

function readResponse(bytes) {
  const response = only(bytes, SEQUENCE);
  expectWhole(response);
  const parts = response.inside();
  const status = parts.next(SEQUENCE).inside();
  const granted = integerOf(status.next(INTEGER));
  expect(granted === 0n || granted === 1n);
  status.optional(SEQUENCE);
  status.optional(0x03);
  status.end();
  const content = parts.next(SEQUENCE).inside();
  parts.end();
  expect(oidOf(content.next(OBJECT_ID)) === SIGNED_DATA);
  const signedData = only(content.next(0xa0).content, SEQUENCE);
  content.end();
  return signedData;
}

function readSigner(element) {
  const parts = element.inside();
  integerOf(parts.next(INTEGER));
  const byKey = parts.optional(0x80);
  const byIssuer = byKey ? null : parts.next(SEQUENCE).inside();
  const issuer = byIssuer && byIssuer.next(SEQUENCE).whole;
  const serial = byIssuer && integerOf(byIssuer.next(INTEGER));
  byIssuer?.end();
  const digest = algorithmOf(parts.next(SEQUENCE)).id;
  const signed = parts.optional(0xa0);
  const attributes = signed && { whole: signed.whole, values: attributesOf(signed) };
  const algorithm = algorithmOf(parts.next(SEQUENCE));
  const signature = parts.next(OCTET_STRING).content;
  const unsigned = parts.optional(0xa1);
  if (unsigned) attributesOf(unsigned);
  parts.end();
  return {
    keyIdentifier: byKey?.content,
    issuer,
    serial,
    digest,
    attributes,
    algorithm,
    signature,
  };
}

function readSignedData(element) {
  const parts = element.inside();
  integerOf(parts.next(INTEGER));
  parts.next(SET);
  const content = parts.next(SEQUENCE).inside();
  expect(oidOf(content.next(OBJECT_ID)) === TST_INFO);
  const info = only(content.next(0xa0).content, OCTET_STRING).content;
  content.end();
  const certificates = parts.optional(0xa0)?.inside().rest() ?? [];
  parts.optional(0xa1);
  const signers = parts.next(SET).inside().rest();
  parts.end();
  expect(signers.length === 1 && signers[0].tag === SEQUENCE);
  return { info, certificates, signer: readSigner(signers[0]) };
}

/** Whole seconds, rounded up, of an Accuracy; one without it. */
function readAccuracy(element) {
  if (element === null) return 1n;
  const parts = element.inside();
  const whole = parts.optional(INTEGER);
  const millis = parts.optional(0x80);
  const micros = parts.optional(0x81);
  parts.end();
  const seconds = whole ? integerOf(whole) : 0n;
  const small = [millis, micros].filter((one) => one !== null).map(integerOf);
  expect(seconds >= 0n && small.every((one) => one >= 1n && one <= 999n));
  return seconds + (small.length > 0 ? 1n : 0n);
}

function readInfo(bytes) {
  const info = only(bytes, SEQUENCE);
  expectWhole(info);
  const parts = info.inside();
  expect(integerOf(parts.next(INTEGER)) === 1n);
  oidOf(parts.next(OBJECT_ID));
  const imprint = parts.next(SEQUENCE).inside();
  const { id: hash, parameters } = algorithmOf(imprint.next(SEQUENCE));
  expect(parameters === null || (parameters.tag === 0x05 && parameters.content.length === 0));
  const hashed = imprint.next(OCTET_STRING).content;
  imprint.end();
  integerOf(parts.next(INTEGER));
  const time = timeOf(parts.next(GENERALIZED_TIME), true);
  const accuracy = readAccuracy(parts.optional(SEQUENCE));
  const ordering = parts.optional(BOOLEAN);
  if (ordering) booleanOf(ordering);
  const nonce = parts.optional(INTEGER);
  if (nonce) integerOf(nonce);
  parts.optional(0xa0);
  parts.optional(0xa1);
  parts.end();
  return { hash, hashed, time, accuracy };
}

/** Read a timestamp about a checkpoint's text (bytes). Refuses what is none, or about another. */
export function readTimestamp(bytes, text, where) {
  let token;
  let info;
  try {
    token = readSignedData(readResponse(bytes));
    info = readInfo(token.info);
  } catch (problem) {
    if (problem instanceof DerError) throw new Refused('timestamp-form', where);
    throw problem;
  }
  if (info.hash !== SHA256 || !equal(info.hashed, sha256(text))) {
    throw new Refused('timestamp-imprint', where);
  }
  const upper = info.time.seconds + (info.time.fraction ? 1n : 0n) + info.accuracy;
  return { where, token, genTime: info.time, time: upper };
}

function attributesOf({ content }) {
  const values = new Map();
  for (const item of new Reader(content).rest()) {
    expect(item.tag === SEQUENCE);
    const parts = item.inside();
    const id = oidOf(parts.next(OBJECT_ID));
    const held = parts.next(SET).inside().rest();
    parts.end();
    values.set(id, [...(values.get(id) ?? []), held]);
  }
  return values;
}

/** The one value of an attribute that stands there once; null otherwise. */
function onlyValue({ values }, id) {
  const held = values.get(id) ?? [];
  return held.length === 1 && held[0].length === 1 ? held[0][0] : null;
}

/** What cannot be read as a certificate is as good as absent. */
function readable(read) {
  try {
    return read();
  } catch (problem) {
    if (problem instanceof DerError) return null;
    throw problem;
  }
}

function signerOf({ signer, certificates }) {
  const read = certificates.map((one) => readable(() => readCertificate(one))).filter(Boolean);
  const found = read.find((one) => {
    if (!signer.keyIdentifier)
      return one.serial === signer.serial && equal(one.issuer, signer.issuer);
    const identifier = readable(() => keyIdentifierOf(one));
    return identifier !== null && equal(identifier, signer.keyIdentifier);
  });
  return { found, others: read };
}

/** Why the signature over the token does not hold, or null. */
function signatureProblem({ info, signer }, certificate) {
  if (!signer.attributes) return 'timestamp-attributes';
  const type = onlyValue(signer.attributes, CONTENT_TYPE);
  const digest = onlyValue(signer.attributes, MESSAGE_DIGEST);
  if (type?.tag !== OBJECT_ID || oidOf(type) !== TST_INFO) return 'timestamp-attributes';
  if (!(signer.digest in HASHES)) return 'timestamp-algorithm';
  const hashed = HASHES[signer.digest](info);
  if (digest?.tag !== OCTET_STRING || !equal(digest.content, hashed)) return 'timestamp-attributes';
  const scheme = schemeOf(signer.algorithm, signer.digest);
  if (scheme === null || scheme[1] !== signer.digest || certificate.key?.kind !== scheme[0]) {
    return 'timestamp-algorithm';
  }
  // What is signed is the set as such, not as the field of another structure.
  const message = signer.attributes.whole.slice();
  message[0] = SET;
  return isSigned(certificate.key, scheme, message, signer.signature)
    ? null
    : 'timestamp-signature';
}

function holderOf({ token, genTime }, roots) {
  const { found, others } = signerOf(token);
  if (!found) return { problem: 'timestamp-signer' };
  if (!isForTimestamps(found)) return { problem: 'timestamp-usage' };
  const problem = signatureProblem(token, found);
  if (problem) return { problem };
  const isStep = stepChecker();
  for (const { operator, certificate } of roots) {
    if (leadsTo(certificate, found, { others, time: genTime, isStep })) return { operator };
  }
  return { problem: 'timestamp-path' };
}

/** For whose operator a timestamp counts: `{operator}`, or `{problem}` with the first reason. */
export function counts(timestamp, roots) {
  try {
    return holderOf(timestamp, roots);
  } catch (problem) {
    if (problem instanceof DerError) return { problem: 'timestamp-certificate' };
    throw problem;
  }
}
