// Elements made from plain values. Text goes in as text and never as markup.

const SVG = 'http://www.w3.org/2000/svg';

function fill(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith('on')) element.addEventListener(name.slice(2), value);
    else if (value === true) element.setAttribute(name, '');
    else if (value !== false && value !== null && value !== undefined)
      element.setAttribute(name, value);
  }
  element.append(...children.filter((child) => child !== null && child !== undefined));
  return element;
}

/** Make an HTML element. Children are elements or texts; null is left out. */
export const html = (name, attributes = {}, ...children) =>
  fill(document.createElement(name), attributes, children);

/** Make an SVG element. */
export const svg = (name, attributes = {}, ...children) =>
  fill(document.createElementNS(SVG, name), attributes, children);

/** Put children in the place of whatever an element holds. */
export const refill = (element, ...children) =>
  element.replaceChildren(...children.filter((child) => child !== null && child !== undefined));

const SHAPES = {
  passed: ['M4 12.5 10 18 20 6.5'],
  computed: ['M4 12.5 10 18 20 6.5'],
  failed: ['M6 6 18 18', 'M18 6 6 18'],
  running: ['M12 6v6l4 3'],
  queued: [],
  waiting: ['M8 12h8'],
  unknown: ['M8 12h8'],
  unneeded: ['M8 12h8'],
  lacking: ['M12 6v8', 'M12 17.5v.5'],
  unreached: ['M8 12h8'],
};

/** A state's shape: each differs in form, not only in colour. */
export const stateMark = (state) =>
  svg(
    'svg',
    { class: `mark ${state}`, viewBox: '0 0 24 24', 'aria-hidden': 'true' },
    svg('circle', { cx: 12, cy: 12, r: 11 }),
    ...SHAPES[state].map((path) => svg('path', { d: path })),
  );
