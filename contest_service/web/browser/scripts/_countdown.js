// The time that is left, as the server said it, kept up to date; the page is asked anew at its end.

const language = document.documentElement.lang;
let ticking;
const UNITS = [['day', 86400], ['hour', 3600], ['minute', 60], ['second', 1]];

/** Say a duration in its two largest units. */
export function say(seconds) {
  const first = UNITS.findIndex(([, size]) => seconds >= size);
  let left = Math.max(0, seconds);
  return UNITS.slice(first < 0 ? 3 : first, first < 0 ? 4 : first + 2)
    .map(([unit, size], place) => {
      const count = Math.floor(left / size);
      left -= count * size;
      if (place && !count) return '';
      const display = unit === 'day' ? 'long' : 'short';
      return new Intl.NumberFormat(language, { style: 'unit', unit, unitDisplay: display })
        .format(count);
    })
    .filter(Boolean)
    .join(' ');
}

/**
 * Keep every countdown true; at its end the page is asked anew, once. A room (`data-room`) asks for
 * what is new by itself.
 */
export function countDown(root = document) {
  const elements = [...root.querySelectorAll('[data-until]')];
  if (!elements.length) return;
  const leftOf = (element) =>
    Math.ceil((Date.parse(element.dataset.until) - Date.now()) / 1000);
  const tick = () => {
    for (const element of elements) {
      const left = leftOf(element);
      element.textContent = say(left);
      if (left <= 0 && element.dataset.running) {
        delete element.dataset.running;
        if (!element.closest('[data-room]')) setTimeout(() => location.reload(), 3000);
      }
    }
  };
  for (const element of elements) {
    if (leftOf(element) > 0) element.dataset.running = 'yes';
  }
  tick();
  clearInterval(ticking);
  ticking = setInterval(tick, 1000);
}
