// For everybody's pages. Without it they say the same, only not in the reader's own time.

import { focusFaults, offerCopies, sendOnce, tellLocalTimes } from './_common.js';
import { countDown } from './_countdown.js';

focusFaults();
tellLocalTimes();
offerCopies();
sendOnce();
countDown();
