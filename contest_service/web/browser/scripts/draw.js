// The draw room: the part that changes is fetched again, and the winners are computed here once more.

import { offerCopies, tellLocalTimes } from './_common.js';
import { countDown } from './_countdown.js';

const SOON = 2_000;
const CALM = 20_000;
const NEAR = 60_000;
const BETWEEN = 500;
const MOST_ONE_BY_ONE = 20;
const isQuiet = matchMedia('(prefers-reduced-motion: reduce)').matches;

const room = document.querySelector('[data-room]');
const part = room.querySelector('[data-part]');
const drawAt = Date.parse(room.dataset.drawAt);

const isOver = () => part.querySelector('[data-state]').dataset.state === 'over';
const wait = (time) => new Promise((resolve) => setTimeout(resolve, time));

function say(section, name) {
  for (const each of section.querySelectorAll('[data-said]')) {
    each.hidden = each.dataset.said !== name;
  }
}

/** Mark the seats that were computed here too, one by one; tells whether all of them were. */
async function mark(held) {
  const lists = [...part.querySelectorAll('.seats')];
  const isSame = lists.every((list, draw) =>
    [...list.children].every(
      (seat, place) => (seat.dataset.commitment ?? null) === held[draw]?.[place],
    ),
  );
  if (!isSame || lists.length !== held.length) return false;
  const seats = lists.flatMap((list) => [...list.children]);
  for (const [place, seat] of seats.entries()) {
    if (!seat.dataset.commitment) continue;
    seat.classList.add('agrees');
    if (!isQuiet && place < MOST_ONE_BY_ONE) await wait(BETWEEN);
  }
  return true;
}

function compute(section) {
  const { events, entries, worker: script, practice } = section.dataset;
  const worker = new Worker(script, { type: 'module' });
  const [button, bar] = section.querySelectorAll('.with-scripts');
  button.hidden = true;
  bar.hidden = false;
  say(section, 'working');
  const end = (name) => {
    bar.hidden = true;
    say(section, name);
    worker.terminate();
  };
  worker.onerror = () => end('failed');
  worker.onmessage = async ({ data }) => {
    if (data.kind === 'progress') bar.querySelector('progress').value = data.share;
    else if (data.kind === 'failed') end('failed');
    else if (data.isSound && (await mark(data.held))) end('agrees');
    else {
      section.querySelector('[data-why]').textContent = data.why ?? '';
      end('differs');
    }
  };
  worker.postMessage({ events, entries, practice: practice !== undefined });
}

function offerToCompute() {
  const section = part.querySelector('[data-compute]');
  if (!section) return;
  section.querySelector('.without-scripts').hidden = true;
  const button = section.querySelector('.with-scripts');
  button.hidden = false;
  button.querySelector('button').addEventListener('click', () => compute(section));
  if (section.dataset.atOnce !== undefined) compute(section);
}

/** Fetch the part again; the browser's own cache asks whether it has changed. */
async function refresh(known) {
  const answer = await fetch(room.dataset.now, { cache: 'no-cache' });
  const tag = answer.headers.get('etag');
  if (!answer.ok || tag === known) return known;
  part.innerHTML = await answer.text();
  tellLocalTimes(part);
  offerCopies(part);
  countDown(part);
  offerToCompute();
  return tag;
}

async function watch() {
  let known = null;
  while (!isOver()) {
    await wait(Math.abs(Date.now() - drawAt) < NEAR || Date.now() > drawAt ? SOON : CALM);
    if (document.hidden) continue;
    known = await refresh(known).catch(() => known);
  }
}

function offerFullScreen() {
  if (!document.fullscreenEnabled) return;
  const offer = room.querySelector('[data-fullscreen]');
  offer.hidden = false;
  offer.querySelector('button').addEventListener('click', () => room.requestFullscreen());
}

offerFullScreen();
offerToCompute();
watch();
