// The steps of a check, in their order.

export const STEPS = [
  'file',
  'rules',
  'list',
  'beacon',
  'seed',
  'tickets',
  'winners',
  'succession',
  'evidence',
];
