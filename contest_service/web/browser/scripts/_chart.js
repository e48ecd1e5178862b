// Charts over time, drawn from data that the page has; the table beside them says the same.

import UPlot from 'uplot';

const HEIGHT = 220;
const DASHES = [[], [6, 4], [2, 3]];
const DAY = 86400;
const AROUND = 1800; // seconds on both sides of a point that is alone

/** Draw every chart of a part. */
export function drawCharts(root = document) {
  for (const place of root.querySelectorAll('[data-chart]')) {
    const { times, lines } = JSON.parse(place.dataset.chart);
    const style = getComputedStyle(place);
    const colour = style.color;
    const faint = style.borderTopColor;
    const axis = { stroke: colour, grid: { stroke: faint, width: 1 }, ticks: { stroke: faint } };
    place.replaceChildren();
    new UPlot({
      width: place.clientWidth || 600,
      height: HEIGHT,
      cursor: { drag: { x: false, y: false } },
      legend: { show: lines.length > 1, live: false },
      scales: { x: { range: () => widened(times[0], times.at(-1)) } },
      axes: [
        { ...axis, values: (_plot, moments, _axis, _space, step) => moments.map(clock(step)), label: zone() },
        { ...axis, size: 60 },
      ],
      series: [{}, ...lines.map((line, number) => ({
        label: line.name,
        stroke: colour,
        width: 2,
        dash: DASHES[number % DASHES.length],
      }))],
    }, [times, ...lines.map((line) => line.counts)], place);
  }
}

function widened(first, last) {
  return first === last ? [first - AROUND, last + AROUND] : [first, last];
}

/** Say moments as the page's language does: days where a step is a day or more, or else times. */
function clock(step) {
  const parts = step >= DAY
    ? { day: 'numeric', month: 'short' }
    : { hour: '2-digit', minute: '2-digit' };
  const format = new Intl.DateTimeFormat(document.documentElement.lang, parts);
  return (moment) => format.format(new Date(moment * 1000));
}

function zone() {
  return new Intl.DateTimeFormat().resolvedOptions().timeZone;
}
