// Small things for all pages: they add to what stands there without them.

const language = document.documentElement.lang;
const yours = language === 'ru' ? 'у вас' : 'for you';

/** Where a form came back with faults, begin there. */
export function focusFaults() {
  document.querySelector('[data-focus]')?.focus();
}

/** Add the reader's own time to every moment that is told in another zone. */
export function tellLocalTimes(root = document) {
  const format = new Intl.DateTimeFormat(language === 'en' ? 'en-GB' : language, {
    day: 'numeric', month: 'long', hour: '2-digit', minute: '2-digit',
  });
  for (const element of root.querySelectorAll('time[data-moment]:not([data-told])')) {
    const moment = new Date(element.dateTime);
    element.dataset.told = 'yes';
    if (offsetTold(element.textContent) === -moment.getTimezoneOffset()) continue;
    const own = document.createElement('span');
    own.className = 'quiet';
    own.textContent = ` (${yours} ${format.format(moment)})`;
    element.append(own);
  }
}

function offsetTold(text) {
  const [, sign, hours, minutes] = text.match(/UTC(?:([+-])(\d\d):(\d\d))?/) ?? [];
  return sign ? Number(`${sign}1`) * (Number(hours) * 60 + Number(minutes)) : 0;
}

/** Let a tap copy a whole hash. */
export function offerCopies(root = document) {
  if (!navigator.clipboard) return;
  for (const element of root.querySelectorAll('[data-copy]')) {
    if (element.querySelector('button')) continue;
    const button = document.createElement('button');
    button.type = 'button';
    button.className = 'copy';
    button.textContent = language === 'ru' ? 'Копировать' : 'Copy';
    button.addEventListener('click', async () => {
      await navigator.clipboard.writeText(element.dataset.copy);
      button.textContent = language === 'ru' ? 'Скопировано' : 'Copied';
    });
    element.append(button);
  }
}

/** A form that was sent is not sent again by the same tap. */
export function sendOnce() {
  document.addEventListener('submit', (event) => {
    const form = event.target;
    if (form.dataset.sent) event.preventDefault();
    form.dataset.sent = 'yes';
  });
  window.addEventListener('pageshow', () => {
    for (const form of document.forms) delete form.dataset.sent;
  });
}
