// The files of the dispute edition (section 8.4).

import { encode } from './canonical.js';
import { hex, unhex } from './bytes.js';
import {
  demandForm,
  isBoolean,
  isCode,
  isDigest,
  isInteger,
  isNonEmpty,
  isObject,
  isText,
  listOf,
  oneOf,
  shape,
} from './form.js';
import { Lines } from './lines.js';
import { demand } from './refusal.js';
import { sha256, tag } from './sha256.js';

const EVIDENCE = 'dispute/evidence.txt';
const EVIDENCE_TAG = tag('evidence');
const DIGEST_LINE = 65;

const isRecord = shape({ salt: isDigest, record: isObject });
const FORMS = {
  'dispute/scans.jsonl': shape(
    {
      scan: isNonEmpty,
      target: isNonEmpty,
      action: isCode,
      closing: isBoolean,
      started_at: isInteger,
      state: isCode,
      pages: isInteger,
    },
    { finished_at: isInteger, seen: isInteger, claimed: isInteger, hidden: isInteger },
  ),
  'dispute/pages.jsonl': shape({
    scan: isNonEmpty,
    seq: isInteger,
    sha256: isDigest,
    size: isInteger,
    fetched_at: isInteger,
  }),
  'dispute/overrides.jsonl': shape(
    { at: isInteger, kind: isCode, reason: isText },
    { person: isNonEmpty, entrant: isNonEmpty },
  ),
  'dispute/correspondence.jsonl': shape({
    at: isInteger,
    commit: isDigest,
    direction: oneOf('in', 'out'),
    channel: isCode,
    text: listOf(isText),
  }),
};

/** The digests of `evidence.txt`, 64 characters and a line feed each, strictly ascending. */
class EvidenceList {
  constructor(bytes) {
    this.bytes = bytes;
    this.count = bytes.length / DIGEST_LINE;
    this.check();
    this.recorded = new Uint8Array(this.count);
  }

  line(number) {
    return String.fromCharCode(
      ...this.bytes.subarray(number * DIGEST_LINE, (number + 1) * DIGEST_LINE),
    );
  }

  check() {
    demand(Number.isInteger(this.count), 'evidence-form', EVIDENCE);
    let before = '';
    for (let number = 0; number < this.count; number++) {
      const line = this.line(number);
      const where = `${EVIDENCE}:${number + 1}`;
      demand(/^[0-9a-f]{64}\n$/.test(line) && line > before, 'evidence-form', where);
      before = line;
    }
  }

  find(digest) {
    const wanted = `${digest}\n`;
    let [low, high] = [0, this.count];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.line(middle) < wanted) low = middle + 1;
      else high = middle;
    }
    return low < this.count && this.line(low) === wanted ? low : -1;
  }
}

function checkRecords(container, contest, evidence) {
  const name = 'dispute/records.jsonl';
  if (!container.has(name)) return;
  demand(evidence !== null, 'records-unbound', name);
  const lines = new Lines(name, (value, where) => {
    demandForm(isRecord, value, where);
    demand(value.record.contest === contest, 'record-contest', where);
    const digest = hex(sha256(EVIDENCE_TAG, unhex(value.salt), encode(value.record)));
    const number = evidence.find(digest);
    demand(number >= 0, 'record-unknown', where);
    demand(evidence.recorded[number] === 0, 'record-twice', where);
    evidence.recorded[number] = 1;
  });
  container.readLines(lines);
}

function ordered() {
  let before = 0;
  return ({ at }, where) => {
    demand(at >= before, 'time', where);
    before = at;
  };
}

/** What is checked of each file besides its lines' form. */
function relations(entries) {
  const scans = new Set();
  const pages = new Set();
  const inOrder = { overrides: ordered(), correspondence: ordered() };
  return {
    'dispute/scans.jsonl': ({ scan }, where) => {
      demand(!scans.has(scan), 'scan-twice', where);
      scans.add(scan);
    },
    'dispute/pages.jsonl': ({ scan, seq }, where) => {
      demand(scans.has(scan), 'page-scan', where);
      const page = `${seq} ${scan}`;
      demand(!pages.has(page), 'page-twice', where);
      pages.add(page);
    },
    'dispute/overrides.jsonl': inOrder.overrides,
    'dispute/correspondence.jsonl': (value, where) => {
      demand(entries.findHex(value.commit) >= 0, 'message-unknown', where);
      inOrder.correspondence(value, where);
    },
  };
}

/** Check the dispute files of a bundle; those that nothing binds are named in the findings. */
export function checkDispute(container, { chain, entries, edition, findings }) {
  const bound = chain.freeze?.body.evidence;
  const wanted = edition === 'dispute' && bound !== undefined;
  demand(
    container.has(EVIDENCE) === wanted,
    wanted ? 'evidence-missing' : 'evidence-unbound',
    EVIDENCE,
  );
  let evidence = null;
  if (wanted) {
    const { bytes, sha256: digest } = container.load(EVIDENCE);
    demand(hex(digest) === bound.sha256, 'evidence-changed', EVIDENCE);
    evidence = new EvidenceList(bytes);
  }
  checkRecords(container, chain.contest, evidence);
  const related = relations(entries);
  for (const [name, form] of Object.entries(FORMS)) {
    if (!container.has(name)) continue;
    const lines = new Lines(name, (value, where) => {
      demandForm(form, value, where);
      related[name](value, where);
    });
    container.readLines(lines);
    findings.add('unverified-file', { name });
  }
}
