// A contest within somebody else's page: the time that is left, and now and then the page anew.

import { tellLocalTimes } from './_common.js';
import { countDown } from './_countdown.js';

tellLocalTimes();
countDown();

const again = Number(document.body.dataset.again);
const renew = () => {
  if (document.hidden) document.addEventListener('visibilitychange', () => location.reload(), { once: true });
  else location.reload();
};
if (again) setTimeout(renew, again * 1000);
