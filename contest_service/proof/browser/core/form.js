// What values look like. A form is a function that says whether a value has it.

import { demand } from './refusal.js';

export const isInteger = (value) => typeof value === 'number';
export const isText = (value) => typeof value === 'string';
export const isNonEmpty = (value) => typeof value === 'string' && value !== '';
export const isBoolean = (value) => typeof value === 'boolean';
export const isDigest = (value) => isText(value) && /^[0-9a-f]{64}$/.test(value);
export const isReason = (value) => isText(value) && /^[a-z][a-z0-9-]{0,39}$/.test(value);
export const isCode = (value) => isText(value) && /^[a-z][a-z0-9_-]{0,39}$/.test(value);
export const isObject = (value) =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
export const isAny = () => true;

export const between = (least, most) => (value) =>
  typeof value === 'number' && value >= least && value <= most;
export const oneOf =
  (...choices) =>
  (value) =>
    choices.includes(value);
export const listOf =
  (form, least = 0) =>
  (value) =>
    Array.isArray(value) && value.length >= least && value.every((item) => form(item));

/** An object with exactly these keys; those of `optional` may be absent. */
export function shape(required, optional = {}) {
  const forms = new Map([...Object.entries(required), ...Object.entries(optional)]);
  const needed = Object.keys(required);
  return (value) =>
    isObject(value) &&
    needed.every((key) => Object.hasOwn(value, key)) &&
    Object.keys(value).every((key) => forms.has(key) && forms.get(key)(value[key]));
}

/** Refuse a value that has not the form. */
export const demandForm = (form, value, where) => demand(form(value), 'form', where);
