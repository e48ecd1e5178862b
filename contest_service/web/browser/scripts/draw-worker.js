// Computes a draw from the public files, away from the page, with the verifier's own modules.

import { Session } from '../../../proof/browser/session.js';

async function fetched(name, address) {
  const answer = await fetch(address);
  if (!answer.ok) throw new Error(`${name}: ${answer.status}`);
  return { name, bytes: new Uint8Array(await answer.arrayBuffer()) };
}

async function compute({ events, entries, practice }) {
  let bundle;
  try {
    bundle = await Promise.all([
      fetched('events.jsonl', events),
      fetched('entries.bin', entries),
    ]);
  } catch {
    self.postMessage({ kind: 'failed' });
    return;
  }
  const progress = (name, share) => {
    if (name === 'tickets') self.postMessage({ kind: 'progress', share });
  };
  const files = { bundle, trust: null, receipt: null, practice };
  const { facts } = new Session(files, { step() {}, progress }).check();
  self.postMessage({
    kind: 'done',
    isSound: facts.verdict === 'verified' || facts.verdict === 'practice',
    why: facts.reason,
    held: (facts.final ?? []).map((slots) => slots.map(({ commit }) => commit ?? null)),
  });
}

self.onmessage = ({ data }) => compute(data);
