// What the contest promised: the terms files and the verifiers they name (section 8.3).

import { hex } from './bytes.js';
import { parse } from './canonical.js';
import {
  between,
  demandForm,
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
import { demand } from './refusal.js';

const isParagraphs = listOf(isText);
const isQuiz = shape({ quiz: isCode, commitment: isDigest });
const isTerms = shape(
  {
    v: isText,
    contest: isText,
    version: between(1, Infinity),
    reason: isText,
    rules: isObject,
    schedule: shape({
      opens_at: isInteger,
      closes_at: isInteger,
      freeze_at: isInteger,
      draw_at: isInteger,
    }),
    zone: isNonEmpty,
    texts: (value) => isObject(value) && Object.values(value).every(isParagraphs),
    verifiers: listOf(shape({ name: oneOf('verify.py', 'verify.html'), sha256: isDigest })),
  },
  { quizzes: listOf(isQuiz, 1) },
);

function checkOne(terms, event, number, name) {
  demandForm(isTerms, terms, name);
  demand(terms.v === 'drawproof/1', 'version', name);
  demand(terms.contest === event.contest, 'terms-contest', name);
  demand(terms.version === number + 1, 'terms-version', name);
  demand((terms.reason === '') === (number === 0), 'terms-reason', name);
  const { schedule, verifiers } = terms;
  const { body } = event;
  for (const key of ['opens_at', 'closes_at', 'draw_at']) {
    demand(schedule[key] === body[key], 'terms-schedule', name);
  }
  const last = BigInt(body.draw_at) - BigInt(body.min_lead);
  const inTime = schedule.closes_at <= schedule.freeze_at && BigInt(schedule.freeze_at) <= last;
  demand(inTime, 'terms-freeze', name);
  const ascending = verifiers.every((one, k) => k === 0 || one.name > verifiers[k - 1].name);
  demand(ascending, 'terms-verifiers', name);
  const { quizzes = [] } = terms;
  const inOrder = quizzes.every((one, k) => k === 0 || one.quiz > quizzes[k - 1].quiz);
  demand(inOrder, 'terms-quizzes', name);
}

function checkVerifiers(container, terms, findings) {
  for (const name of ['verify.py', 'verify.html']) {
    if (!container.has(name)) continue;
    const named = terms.verifiers.find((one) => one.name === name);
    if (named) demand(hex(container.digest(name)) === named.sha256, 'verifier-changed', name);
    else findings.add('unverified-file', { name });
  }
}

/** Check every terms file against the event that names it; return them, those in force last. */
export function checkTerms(container, chain, findings) {
  const named = new Set();
  const versions = [];
  chain.versions.forEach((event, number) => {
    const name = `terms/${event.body.terms_sha256}.json`;
    demand(container.has(name), 'terms-missing', name);
    const { bytes, sha256 } = container.load(name);
    demand(hex(sha256) === event.body.terms_sha256, 'terms-changed', name);
    const terms = parse(bytes, name);
    checkOne(terms, event, number, name);
    versions.push(terms);
    named.add(name);
  });
  for (const name of container.names()) {
    demand(!name.startsWith('terms/') || named.has(name), 'terms-unnamed', name);
  }
  checkVerifiers(container, versions.at(-1), findings);
  return versions;
}
