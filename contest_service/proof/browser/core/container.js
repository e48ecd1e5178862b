// The files of a bundle, whether they came in a zip or in a folder.

import { sha256, Sha256 } from './sha256.js';
import { demand, Unreadable } from './refusal.js';
import { openZip } from './zip.js';

const MOST_FILES = 1000;
const MOST_BYTES = 2 ** 32;
const MEBIBYTE = 2 ** 20;
const MOST_LEAVES = 360_000_000;
const MOST_PROOF = 65_536;
/** The files of a bare proof. */
export const BARE = ['events.jsonl', 'entries.bin', 'openings.jsonl'];
const FOLDERS = ['terms', 'quiz', 'log', 'evidence', 'dispute'];

const FIXED = new Set([
  'manifest.json',
  'events.jsonl',
  'entries.bin',
  'openings.jsonl',
  'README.txt',
  'verify.py',
  'verify.html',
  'log/slice.json',
  'log/slice.bin',
]);
const DISPUTE = new Set([
  'dispute/evidence.txt',
  'dispute/records.jsonl',
  'dispute/scans.jsonl',
  'dispute/pages.jsonl',
  'dispute/overrides.jsonl',
  'dispute/correspondence.jsonl',
]);
const PATTERNS = [
  /^terms\/[0-9a-f]{64}\.json$/,
  /^quiz\/[0-9a-f]{64}\.json$/,
  /^log\/checkpoint-(?:0|[1-9][0-9]*)\.txt$/,
  /^evidence\/checkpoint-(?:0|[1-9][0-9]*)\.[1-9][0-9]?\.tsr$/,
];

/** Whether a bundle may have a file of this name, in either edition. */
const isKnown = (name) =>
  FIXED.has(name) || DISPUTE.has(name) || PATTERNS.some((pattern) => pattern.test(name));

function limitOf(name) {
  if (name === 'manifest.json' || name === 'log/slice.json') return MEBIBYTE;
  if (name.startsWith('terms/') || name.startsWith('quiz/')) return MEBIBYTE;
  if (name === 'entries.bin' || name === 'log/slice.bin') return MOST_LEAVES;
  if (name.startsWith('log/checkpoint-') || name.startsWith('evidence/')) return MOST_PROOF;
  return MOST_BYTES;
}

const limits = {
  count: (count) => demand(count <= MOST_FILES, 'too-many-files'),
  members: (members) => {
    const whole = members.reduce((sum, member) => sum + member.size, 0);
    demand(whole <= MOST_BYTES, 'too-large');
    for (const { name, size } of members) demand(size <= limitOf(name), 'file-too-large', name);
  },
};

/** Files by name. Each has `size` and `stream(sink)`. */
export class Container {
  constructor(files, bare) {
    this.files = files;
    this.bare = bare;
    this.loaded = new Map();
  }

  has(name) {
    return this.files.has(name);
  }

  names() {
    return [...this.files.keys()].sort();
  }

  size(name) {
    return this.files.get(name).size;
  }

  stream(name, sink) {
    if (this.loaded.has(name)) sink(this.loaded.get(name).bytes);
    else this.files.get(name).stream(sink);
  }

  /** Expand a file into memory, once; `sha256` of it comes along. */
  load(name) {
    if (!this.loaded.has(name)) {
      const bytes = new Uint8Array(this.size(name));
      let at = 0;
      this.files.get(name).stream((piece) => {
        bytes.set(piece, at);
        at += piece.length;
      });
      this.loaded.set(name, { bytes, sha256: sha256(bytes) });
    }
    return this.loaded.get(name);
  }

  /** The plain SHA-256 of a file, without keeping it. */
  digest(name) {
    if (this.loaded.has(name)) return this.loaded.get(name).sha256;
    const hash = new Sha256();
    this.stream(name, (piece) => hash.update(piece));
    return hash.digest();
  }

  /** Hand every line of a file to a `Lines`. */
  readLines(lines) {
    this.stream(lines.name, (piece) => lines.push(piece));
    lines.end();
  }
}

function checkNames(container) {
  const needed = container.bare
    ? ['entries.bin', 'events.jsonl']
    : ['entries.bin', 'events.jsonl', 'manifest.json'];
  for (const name of needed) if (!container.has(name)) throw new Unreadable('missing', name);
  const allowed = container.bare ? (name) => BARE.includes(name) : isKnown;
  for (const name of container.names()) demand(allowed(name), 'name', name);
}

/** Open the bytes of a zip. */
export function fromZip(bytes) {
  const container = new Container(openZip(bytes, limits), false);
  checkNames(container);
  return container;
}

/**
 * Open a folder's listing: `files`, a map from path to bytes; `folders`, the paths of folders in it;
 * `others`, the paths of whatever is neither (links, pipes).
 */
export function fromFolder({ files, folders = [], others = [] }) {
  demand(others.length === 0, 'not-a-file', others[0]);
  const members = [...files].map(([name, bytes]) => ({ name, size: bytes.length }));
  limits.count(members.length);
  limits.members(members);
  const opened = new Map(
    [...files].map(([name, bytes]) => [
      name,
      { size: bytes.length, stream: (sink) => sink(bytes) },
    ]),
  );
  const bare = !files.has('manifest.json');
  const container = new Container(opened, bare);
  checkNames(container);
  const strange = folders.find((folder) => bare || !FOLDERS.includes(folder));
  demand(strange === undefined, 'name', strange);
  return container;
}
