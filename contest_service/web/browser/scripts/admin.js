// For the pages of a workspace. htmx refreshes parts and saves reloads; forms work without it.

import 'htmx.org/dist/htmx.esm.min.js';

import { focusFaults, offerCopies, sendOnce, tellLocalTimes } from './_common.js';
import { drawCharts } from './_chart.js';
import { countDown } from './_countdown.js';
import { follow } from './_live.js';

const refresh = (root) => {
  tellLocalTimes(root);
  offerCopies(root);
  drawCharts(root);
};

focusFaults();
refresh(document);
sendOnce();
countDown();
follow((part) => {
  refresh(part);
  countDown();
});
document.addEventListener('htmx:after:swap', () => refresh(document));
