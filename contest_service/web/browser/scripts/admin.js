// For the pages of a workspace. htmx refreshes parts and saves reloads; forms work without it.

import 'htmx.org/dist/htmx.esm.min.js';

import { focusFaults, offerCopies, sendOnce, tellLocalTimes } from './_common.js';
import { drawCharts } from './_chart.js';
import { tellOwnClock } from './_clocks.js';
import { countDown } from './_countdown.js';
import { countCharacters } from './_counts.js';
import { follow } from './_live.js';

/** The row of a contest's pages is longer than a phone: begin with the page that is open. */
const showTab = () => {
  const tab = document.querySelector('.contest-tabs [aria-current]');
  const row = tab?.closest('.contest-tabs');
  if (row) row.scrollLeft = tab.offsetLeft - (row.clientWidth - tab.offsetWidth) / 2;
};

const refresh = (root) => {
  tellLocalTimes(root);
  tellOwnClock(root);
  offerCopies(root);
  drawCharts(root);
  countCharacters(root);
};

focusFaults();
showTab();
refresh(document);
sendOnce();
countDown();
follow((part) => {
  refresh(part);
  countDown();
});
document.addEventListener('htmx:after:swap', () => refresh(document));
