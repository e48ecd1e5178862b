// Sentences for people, and how foreign characters are shown in them.

import { ANSWER_REASONS, DRAW_REASONS, EVIDENCE_REASONS, LIST_REASONS } from './draw-reasons.js';
import { FINDINGS, RECEIPT_REASONS } from './findings.js';
import { FILE_REASONS, RULES_REASONS } from './reasons.js';

const REASONS = {
  ...FILE_REASONS,
  ...RULES_REASONS,
  ...LIST_REASONS,
  ...DRAW_REASONS,
  ...ANSWER_REASONS,
  ...EVIDENCE_REASONS,
};
const COLUMN = { en: 0, ru: 1 };

/**
 * Show a text of a bundle: whatever could steer a page (control, format, private, unassigned and
 * separator characters other than the plain space) is spelled out.
 */
export const shown = (text) =>
  String(text).replace(/[\p{C}\p{Z}]/gu, (character) =>
    character === ' ' ? ' ' : `\\u{${character.codePointAt(0).toString(16)}}`,
  );

const fill = (sentence, facts) => sentence.replace(/\{(\w+)\}/g, (_, name) => shown(facts[name]));

/** What a finding says. */
export const findingText = (language, { code, facts }) =>
  fill(FINDINGS[code][COLUMN[language]], facts);

/** Why something was refused or could not be read. */
export const reasonText = (language, code) => REASONS[code][COLUMN[language]];

/** Why a receipt or promise does not hold. */
export const receiptText = (language, code) => RECEIPT_REASONS[code][COLUMN[language]];
