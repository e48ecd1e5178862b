// The line: every entry's ticket as a place from 0 to 2^256, with the cut-off and, if asked, oneself.

import { html, svg } from './dom.js';
import { personName } from './winners.js';

/** Units across: fewer on a phone, so that dots and words keep their size. */
const WIDTH = matchMedia('(max-width: 40rem)').matches ? 420 : 1000;
const MIDDLE = 46;
const MARGIN = 12;

const across = (share, end) => MARGIN + (share / end) * (WIDTH - 2 * MARGIN);

function dotsOf({ dots, end }, { near, winners, whoIs }) {
  // The winners come last, so that they lie on top.
  const places = dots.map((share, place) => ({ share, place })).reverse();
  return places.map(({ share, place }) => {
    const known = near[place];
    const won = known ? known.won : place < winners;
    const said = known ? svg('title', {}, whoIs(known, place)) : null;
    return svg(
      'circle',
      { class: won ? 'dot won' : 'dot', cx: across(share, end), cy: MIDDLE, r: won ? 7 : 4.5 },
      said,
    );
  });
}

function bandsOf({ bands }) {
  const highest = Math.max(...bands);
  const width = (WIDTH - 2 * MARGIN) / bands.length;
  return bands.map((count, k) => {
    const height = (count / highest) * 34;
    return svg('rect', {
      class: 'band',
      x: MARGIN + k * width,
      y: MIDDLE - height,
      width: width - 0.6,
      height,
    });
  });
}

function mark(name, share, end, text) {
  const x = across(share, end);
  const anchor = x < 80 ? 'start' : x > WIDTH - 80 ? 'end' : 'middle';
  return svg(
    'g',
    { class: name },
    name === 'you'
      ? svg('path', { d: `M${x} ${MIDDLE - 11}l11 11-11 11-11-11z` })
      : svg('line', { x1: x, x2: x, y1: MIDDLE - 18, y2: MIDDLE + 16 }),
    // One label above the line and one below: they may stand at the same place.
    svg('text', { x, y: name === 'you' ? 20 : MIDDLE + 36, 'text-anchor': anchor }, text),
  );
}

/** One stretch of the line as a picture. */
function picture(words, stretch, line, options) {
  const { end } = stretch;
  const marks = [];
  if (line.cut !== null && line.cut <= end)
    marks.push(mark('cut', line.cut, end, words.say('lineCut')));
  const { own } = options;
  if (own !== null && own <= end) marks.push(mark('you', own, end, words.say('lineYou')));
  return html(
    'figure',
    {},
    html('figcaption', {}, options.caption),
    svg(
      'svg',
      { class: 'line', viewBox: `0 0 ${WIDTH} 90`, role: 'img', 'aria-label': options.caption },
      line.cut !== null
        ? svg('rect', {
            class: 'won-part',
            x: MARGIN,
            y: MIDDLE - 3,
            width: across(Math.min(line.cut, end), end) - MARGIN,
            height: 6,
          })
        : null,
      svg('line', { class: 'axis', x1: MARGIN, x2: WIDTH - MARGIN, y1: MIDDLE, y2: MIDDLE }),
      svg('line', { class: 'axis', x1: MARGIN, x2: MARGIN, y1: MIDDLE - 10, y2: MIDDLE + 10 }),
      ...(stretch.dots ? dotsOf(stretch, options) : bandsOf(stretch)),
      ...marks,
    ),
    stretch.dots
      ? null
      : html('p', { class: 'small' }, words.say('lineDensity', { count: stretch.count })),
  );
}

function asList(words, line, whoIs) {
  const items = line.near.map((one, place) => html('li', {}, whoIs(one, place)));
  return html(
    'details',
    {},
    html('summary', {}, words.say('lineText')),
    html('ul', { class: 'places' }, ...items),
  );
}

/** The line of one draw. `own` is the share of the one who looks for themselves, or null. */
export function lineOf(words, line, own) {
  const whoIs = (one, place) =>
    words.say(one.won ? 'lineItemWon' : 'lineItem', {
      place: place + 1,
      who: personName(words, one.person),
      share: words.share(one.share),
    });
  const options = { near: line.near, winners: line.winners, whoIs, own };
  const isEnlarged = line.enlarged.end < 0.5;
  return html(
    'div',
    { class: 'lines' },
    picture(words, line.whole, line, { ...options, caption: words.say('lineWhole') }),
    isEnlarged
      ? picture(words, line.enlarged, line, { ...options, caption: words.say('lineNear') })
      : null,
    asList(words, line, whoIs),
  );
}
