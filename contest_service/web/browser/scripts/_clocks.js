// The reader's own clock, as a column of its own beside those that the server tells.

/** Fill in every place that waits for a moment by the reader's clock, and show it. */
export function tellOwnClock(root = document) {
  const language = document.documentElement.lang;
  const format = new Intl.DateTimeFormat(language === 'en' ? 'en-GB' : language, {
    day: 'numeric', month: 'long', year: 'numeric', hour: '2-digit', minute: '2-digit',
    timeZoneName: 'short',
  });
  for (const element of root.querySelectorAll('[data-own-clock]')) {
    if (element.dataset.ownClock) {
      element.textContent = format.format(new Date(element.dataset.ownClock));
    }
    element.hidden = false;
  }
}
