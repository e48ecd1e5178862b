// The page's language: its words, numbers and times.

import { findingText, reasonText, receiptText, shown } from '../texts/say.js';
import { ENGLISH, RUSSIAN } from '../texts/interface.js';

const TABLES = { en: ENGLISH, ru: RUSSIAN };
const LATEST = 8.64e12;
const ENDINGS = { en: { one: 'st', two: 'nd', few: 'rd', other: 'th' } };

/** Everything that is said in one language. */
export class Words {
  constructor(language) {
    this.language = language;
    this.table = TABLES[language];
  }

  /** A text of the page; {name} stands for a fact. Numbers are grouped. */
  say(key, facts = {}) {
    return this.table[key].replace(/\{(\w+)\}/g, (_, name) => {
      const value = facts[name];
      return typeof value === 'number' ? this.number(value) : String(value);
    });
  }

  finding(item) {
    return findingText(this.language, item);
  }

  grade(letter) {
    return this.finding({ code: `grade-${letter.toLowerCase()}`, facts: {} });
  }

  reason(code) {
    return reasonText(this.language, code);
  }

  receiptReason(code) {
    return receiptText(this.language, code);
  }

  /** A whole number in groups of three, with thin spaces. */
  number(value) {
    return String(value).replace(/\B(?=(\d{3})+$)/g, '\u202f');
  }

  /** A place as it is said: 231st in English; Russian says the number. */
  ordinal(value) {
    const ends = ENDINGS[this.language];
    const rule = new Intl.PluralRules(this.language, { type: 'ordinal' }).select(value);
    return this.number(value) + (ends?.[rule] ?? '');
  }

  /** A share of the line: enough digits to tell near ones apart. */
  share(value) {
    const percent = new Intl.NumberFormat(this.language, {
      style: 'percent',
      maximumSignificantDigits: 4,
    });
    return percent.format(value);
  }

  /** A time in seconds, in a zone (or UTC where the zone is unknown). */
  time(seconds, zone) {
    if (seconds > LATEST) return this.number(seconds);
    const options = { dateStyle: 'long', timeStyle: 'medium' };
    const date = new Date(seconds * 1000);
    try {
      const text = new Intl.DateTimeFormat(this.language, {
        ...options,
        timeZone: zone ?? 'UTC',
      }).format(date);
      return `${text} (${shown(zone ?? 'UTC')})`;
    } catch {
      return `${new Intl.DateTimeFormat(this.language, { ...options, timeZone: 'UTC' }).format(date)} (UTC)`;
    }
  }
}

/** The language to begin with. */
export const firstLanguage = () =>
  (navigator.language ?? '').toLowerCase().startsWith('ru') ? 'ru' : 'en';

export { shown };
