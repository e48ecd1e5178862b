// X.509 certificates as far as a timestamp needs them, and paths to a trusted root (section 7.3).

import { equal } from './bytes.js';
import {
  algorithmOf,
  BIT_STRING,
  bitsOf,
  BOOLEAN,
  booleanOf,
  DerError,
  expect,
  INTEGER,
  integerOf,
  OBJECT_ID,
  OCTET_STRING,
  oidOf,
  only,
  SEQUENCE,
  timeOf,
} from './der.js';
import { isSigned, publicKeyOf, schemeOf } from './signature.js';

const BASIC_CONSTRAINTS = '2.5.29.19';
const KEY_IDENTIFIER = '2.5.29.14';
const EXTENDED_USAGE = '2.5.29.37';
const TIME_STAMPING = '1.3.6.1.5.5.7.3.8';
const LONGEST_PATH = 8;
const MOST_CHECKS = 40;
function readExtensions(element) {
  const extensions = new Map();
  for (const item of only(element.content, SEQUENCE).inside().rest()) {
    expect(item.tag === SEQUENCE);
    const parts = item.inside();
    const id = oidOf(parts.next(OBJECT_ID));
    const flag = parts.optional(BOOLEAN);
    const critical = flag !== null && booleanOf(flag);
    const value = parts.next(OCTET_STRING).content;
    parts.end();
    expect(!extensions.has(id));
    extensions.set(id, { critical, value });
  }
  return extensions;
}

function readValidity(element) {
  const parts = element.inside();
  const [from, to] = [timeOf(parts.next()), timeOf(parts.next())];
  parts.end();
  return { from: from.seconds, to: to.seconds };
}

/** Read a certificate (its element). Throws `DerError`. */
export function readCertificate(element) {
  expect(element.tag === SEQUENCE);
  const outer = element.inside();
  const signed = outer.next(SEQUENCE);
  const algorithm = algorithmOf(outer.next(SEQUENCE));
  const signature = bitsOf(outer.next(BIT_STRING));
  outer.end();
  const parts = signed.inside();
  parts.optional(0xa0);
  const serial = integerOf(parts.next(INTEGER));
  parts.next(SEQUENCE);
  const issuer = parts.next(SEQUENCE).whole;
  const validity = readValidity(parts.next(SEQUENCE));
  const subject = parts.next(SEQUENCE).whole;
  const key = publicKeyOf(parts.next(SEQUENCE));
  parts.optional(0x81);
  parts.optional(0x82);
  const extra = parts.optional(0xa3);
  parts.end();
  const extensions = extra ? readExtensions(extra) : new Map();
  return {
    whole: element.whole,
    signed: signed.whole,
    algorithm,
    signature,
    serial,
    issuer,
    validity,
    subject,
    key,
    extensions,
  };
}

/** Whether a certificate may sign others. */
function isAuthority({ extensions }) {
  const found = extensions.get(BASIC_CONSTRAINTS);
  if (!found) return false;
  try {
    const flag = only(found.value, SEQUENCE).inside().optional(BOOLEAN);
    return flag !== null && booleanOf(flag);
  } catch (problem) {
    if (problem instanceof DerError) return false;
    throw problem;
  }
}

/** The subject key identifier (bytes), or null. */
export function keyIdentifierOf({ extensions }) {
  const found = extensions.get(KEY_IDENTIFIER);
  return found ? only(found.value, OCTET_STRING).content : null;
}

/** Whether a certificate is for time stamping, and critically for nothing else. */
export function isForTimestamps({ extensions }) {
  const found = extensions.get(EXTENDED_USAGE);
  if (!found?.critical) return false;
  const uses = only(found.value, SEQUENCE).inside().rest();
  return uses.length === 1 && uses[0].tag === OBJECT_ID && oidOf(uses[0]) === TIME_STAMPING;
}

const isValidAt = ({ validity }, { seconds, fraction }) =>
  seconds >= validity.from && (seconds < validity.to || (seconds === validity.to && !fraction));

/**
 * Make the function that says whether a certificate is issued by another. It looks at each signature
 * once, and at no more of them than a token may cost; beyond that nothing is issued by anybody.
 */
export function stepChecker() {
  const known = new Map();
  let checks = 0;
  return (child, parent) => {
    if (!equal(child.issuer, parent.subject) || !isAuthority(parent)) return false;
    const answers = known.get(child) ?? new Map();
    known.set(child, answers);
    if (!answers.has(parent)) {
      const scheme = ++checks > MOST_CHECKS ? null : schemeOf(child.algorithm, null);
      const holds = scheme && isSigned(parent.key, scheme, child.signed, child.signature);
      answers.set(parent, Boolean(holds));
    }
    return answers.get(parent);
  };
}

/**
 * Whether a path of at most 8 certificates leads from `signer` to `root`, through certificates of
 * the token. Every condition is one of a certificate or of two neighbours (`isStep`), so a search that
 * enters each certificate once, nearest first, finds the shortest path if there is any.
 */
export function leadsTo(root, signer, { others, time, isStep }) {
  const waiting = new Set(others.filter((one) => one !== signer && isValidAt(one, time)));
  let reached = isValidAt(signer, time) && isValidAt(root, time) ? [signer] : [];
  if (reached.length && equal(signer.whole, root.whole)) return true;
  for (let length = 2; length <= LONGEST_PATH; length++) {
    if (reached.some((child) => isStep(child, root))) return true;
    const further = [];
    for (const parent of waiting) {
      if (!reached.some((child) => isStep(child, parent))) continue;
      waiting.delete(parent);
      further.push(parent);
    }
    reached = further;
  }
  return false;
}
