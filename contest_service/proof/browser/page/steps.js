// The list of steps, each turning from grey to green or red, one after another.

import { STEPS } from '../core/steps.js';
import { html, refill, stateMark } from './dom.js';

/** Milliseconds for which a step that passed has the eye for itself. */
const PACE = matchMedia('(prefers-reduced-motion: reduce)').matches ? 0 : 60;

/** The states of all steps, shown at a pace that an eye can follow. */
export class Steps {
  constructor(words) {
    this.words = words;
    this.list = html('ol', { class: 'steps' });
    this.reset();
  }

  reset() {
    this.states = Object.fromEntries(STEPS.map((name) => [name, 'queued']));
    this.share = 0;
    this.waiting = [];
    clearTimeout(this.timer);
    this.timer = null;
    this.draw();
  }

  /** Take a change, a function; it is made in its turn, and says whether to linger then. */
  push(change) {
    this.waiting.push(change);
    if (this.timer === null) this.next();
  }

  next() {
    const change = this.waiting.shift();
    if (change === undefined) {
      this.timer = null;
      return;
    }
    const isWorthAnEye = change();
    this.timer = setTimeout(() => this.next(), isWorthAnEye ? PACE : 0);
  }

  set(name, state) {
    this.states[name] = state;
    this.share = 0;
    this.draw();
    return state === 'passed' || state === 'computed';
  }

  progress(name, share) {
    if (this.states[name] !== 'running') return;
    this.share = share;
    this.list.querySelector('progress')?.setAttribute('value', share);
  }

  /** One step failed (or something before all of them): those after it were not reached. */
  fail(name, sentence) {
    const from = STEPS.indexOf(name);
    STEPS.forEach((step, k) => {
      if (k === from) this.states[step] = 'failed';
      if (k > from) this.states[step] = 'unreached';
    });
    this.sentence = sentence;
    this.draw();
  }

  draw() {
    const { words } = this;
    const items = STEPS.map((name) => {
      const state = this.states[name];
      const isFailed = state === 'failed' && this.sentence;
      return html(
        'li',
        { class: state },
        stateMark(state),
        html(
          'div',
          {},
          html('strong', {}, words.say(`step_${name}`)),
          ' ',
          html('span', { class: 'word' }, words.say(`state_${state}`)),
          html('p', {}, isFailed ? this.sentence() : words.say(`about_${name}`)),
          state === 'running'
            ? html('progress', {
                max: 1,
                value: this.share,
                'aria-label': words.say(`step_${name}`),
              })
            : null,
        ),
      );
    });
    refill(this.list, ...items);
  }
}
