// How a check says that something does not hold. The sentences for people are in ../texts.

/** Something that the proof rests on does not hold. `code` is stable; `where` a place or null. */
export class Refused extends Error {
  constructor(code, where = null) {
    super(code);
    this.code = code;
    this.where = where;
  }
}

/** There is nothing to check: no bundle at all, or one without the files nothing goes without. */
export class Unreadable extends Refused {}

/** Refuse unless the condition holds. */
export function demand(condition, code, where = null) {
  if (!condition) throw new Refused(code, where);
}
