// The browser verifier's core as a process: a request and an answer are a line of JSON each.

import { lstatSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { isSignature, keyPoint } from '../../contest_service/proof/browser/core/beacon.js';
import { unhex } from '../../contest_service/proof/browser/core/bytes.js';
import { finish } from '../../contest_service/proof/browser/core/finish.js';
import { readTimestamp } from '../../contest_service/proof/browser/core/timestamp.js';
import { verify } from '../../contest_service/proof/browser/core/verify.js';
import {
  findingText,
  reasonText,
  receiptText,
} from '../../contest_service/proof/browser/texts/say.js';

function listing(root) {
  const found = { files: new Map(), folders: [], others: [] };
  const walk = (folder) => {
    for (const entry of readdirSync(join(root, folder), { withFileTypes: true })) {
      const name = folder ? `${folder}/${entry.name}` : entry.name;
      if (entry.isFile()) {
        found.files.set(name, new Uint8Array(readFileSync(join(root, name))));
      } else if (entry.isDirectory()) {
        found.folders.push(name);
        walk(name);
      } else {
        found.others.push(name);
      }
    }
  };
  walk('');
  return found;
}

const bytesOf = (path) => (path ? new Uint8Array(readFileSync(path)) : null);

const sourceOf = (path) =>
  lstatSync(path).isDirectory() ? { folder: listing(path) } : { zip: bytesOf(path) };

function check({ path, practice, trust, receipt }) {
  const states = [];
  const watch = { step: (name, state) => states.push([name, state]), progress: () => {} };
  const given = { practice, trust: bytesOf(trust), receipt: bytesOf(receipt), watch };
  const { facts, failed, error } = verify(sourceOf(path), given);
  if (facts.reason === 'internal-error') console.error(error);
  const findings = facts.findings.map((item) => ({
    code: item.code,
    text: findingText('en', item),
  }));
  return { facts: { ...facts, findings }, failed, states };
}

/** The winners that the beacon's answer gives, and the steps; or the code for which there are none. */
function finished({ path, practice, answer }) {
  const { facts, check: checked } = verify(sourceOf(path), { practice });
  if (facts.reason) return { problem: facts.reason };
  const states = [];
  const watch = { step: (name, state) => states.push([name, state]), progress: () => {} };
  try {
    return { winners: finish(checked, answer, watch).winners, states };
  } catch (problem) {
    if (problem.code === undefined) throw problem;
    return { problem: problem.code };
  }
}

/** Whether a token is a timestamp about a text: null, or the code for which it is refused. */
function timestamp({ token, text }) {
  try {
    readTimestamp(unhex(token), unhex(text), null);
    return null;
  } catch (problem) {
    if (problem.code === undefined) throw problem;
    return problem.code;
  }
}

const QUESTIONS = {
  timestamp,
  check,
  finish: finished,
  round: ({ key, round, signature }) => isSignature(key, round, signature),
  key: ({ key }) => keyPoint(unhex(key)) !== null,
  reason: ({ code }) => ['en', 'ru'].map((language) => reasonText(language, code)),
  finding: ({ code }) => ['en', 'ru'].map((language) => findingText(language, { code, facts: {} })),
  receipt: ({ code }) => ['en', 'ru'].map((language) => receiptText(language, code)),
};

for await (const line of createInterface({ input: process.stdin })) {
  const request = JSON.parse(line);
  let answer;
  try {
    answer = { answer: QUESTIONS[request.ask](request) };
  } catch (error) {
    answer = { error: String(error.stack) };
  }
  process.stdout.write(`${JSON.stringify(answer)}\n`);
}
