// The worker: the page stays alive while a million entries are counted here.

import { Session } from './session.js';

let session = null;

const bytesOf = async (file) => (file ? new Uint8Array(await file.arrayBuffer()) : null);

async function check({ number, bundle, trust, receipt, practice }) {
  let files;
  try {
    files = {
      practice,
      bundle: await Promise.all(
        bundle.map(async ({ name, file }) => ({ name, bytes: await bytesOf(file) })),
      ),
      trust: await bytesOf(trust),
      receipt: await bytesOf(receipt),
    };
  } catch {
    self.postMessage({ kind: 'unread', number });
    return;
  }
  session = new Session(files, {
    step: (name, state) => self.postMessage({ kind: 'step', number, name, state }),
    progress: (name, share) => self.postMessage({ kind: 'progress', number, name, share }),
  });
  self.postMessage({ kind: 'done', number, report: session.check() });
}

const finish = ({ number, answer }) =>
  self.postMessage({ kind: 'finished', number, ...session.finish(answer) });

self.onmessage = ({ data }) => {
  if (data.kind === 'check') check(data);
  else if (data.kind === 'finish') finish(data);
  else self.postMessage({ kind: 'found', ...session.find(data) });
};
