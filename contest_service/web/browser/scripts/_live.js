// Parts of a page that follow what happens: a ping says that something changed, and the part is
// fetched again. The stream goes on by itself when the connection comes back.

/** Keep a part true; `drawn` is called with it whenever it is new. */
export function follow(drawn) {
  const place = document.querySelector('[data-live]');
  if (!place || !window.EventSource) return;
  let isBusy = false;
  let isStale = false;
  const renew = async () => {
    if (isBusy) {
      isStale = true;
      return;
    }
    isBusy = true;
    try {
      do {
        isStale = false;
        const answer = await fetch(place.dataset.part, { headers: { 'HX-Request': 'true' } });
        if (answer.status === 401) location.reload();
        if (answer.ok) put(place, await answer.text(), drawn);
      } while (isStale);
    } catch {
      // The next ping asks again, and so does the network when it is back.
    } finally {
      isBusy = false;
    }
  };
  const stream = new EventSource(place.dataset.live);
  stream.addEventListener('changed', renew);
  window.addEventListener('online', renew);
  document.addEventListener('visibilitychange', () => {
    if (!document.hidden) renew();
  });
  window.addEventListener('pagehide', () => stream.close());
  window.addEventListener('pageshow', (event) => {
    if (event.persisted) location.reload();
  });
}

/** Replace what a part shows; what somebody opened stays open, and the focus where it was. */
function put(place, text, drawn) {
  const open = [...place.querySelectorAll('details')].map((each) => each.open);
  const links = [...place.querySelectorAll('a, summary, button')];
  const focused = links.indexOf(document.activeElement);
  place.innerHTML = text;
  place.querySelectorAll('details').forEach((each, number) => {
    each.open = open[number] ?? false;
  });
  if (focused >= 0) place.querySelectorAll('a, summary, button')[focused]?.focus();
  drawn(place);
}
