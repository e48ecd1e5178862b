// Quizzes: answers that the terms committed to, opened after the close (section 8.10).

import { concat, hex, unhex } from './bytes.js';
import { encode, parse } from './canonical.js';
import { demandForm, isCode, isDigest, isNonEmpty, isText, listOf, shape } from './form.js';
import { demand } from './refusal.js';
import { sha256, tag } from './sha256.js';

const QUIZ_TAG = tag('quiz');
const WHERE = 'terms';
const isOpened = shape({
  v: isText,
  contest: isText,
  quiz: isCode,
  answers: listOf(isNonEmpty, 1),
  salt: isDigest,
});

/** The commitment of every quiz of any version of the terms, by quiz. */
function promisedBy(versions) {
  const promised = new Map();
  for (const { quizzes = [] } of versions) {
    for (const { quiz, commitment } of quizzes) {
      demand((promised.get(quiz) ?? commitment) === commitment, 'quiz-changed', WHERE);
      promised.set(quiz, commitment);
    }
  }
  return promised;
}

function open(container, name, { quiz, commitment, contest }) {
  const opened = parse(container.load(name).bytes, name);
  demandForm(isOpened, opened, name);
  demand(opened.v === 'drawproof/1', 'version', name);
  demand(opened.contest === contest && opened.quiz === quiz, 'quiz-other', name);
  const sealed = { answers: opened.answers, contest, quiz };
  const digest = sha256(concat(QUIZ_TAG, unhex(opened.salt), encode(sealed)));
  demand(hex(digest) === commitment, 'quiz-answers', name);
  return opened.answers;
}

/** Check every opened quiz against the terms; after a freeze none may be missing. */
export function checkQuizzes(container, versions, chain, findings) {
  const promised = promisedBy(versions);
  const nameOf = (commitment) => `quiz/${commitment}.json`;
  const named = new Set([...promised.values()].map(nameOf));
  for (const name of container.names()) {
    demand(!name.startsWith('quiz/') || named.has(name), 'quiz-unnamed', name);
  }
  for (const [quiz, commitment] of promised) {
    const name = nameOf(commitment);
    if (container.has(name)) {
      const answers = open(container, name, { quiz, commitment, contest: chain.contest });
      findings.add('quiz-opened', { quiz, answers: answers.join('; ') });
    } else {
      demand(!chain.freeze, 'quiz-missing', name);
      findings.add(chain.void ? 'quiz-never-opened' : 'quiz-sealed', { quiz });
    }
  }
}
