// Finish the draw on this page: which number of the beacon is needed, where a person gets it, and the
// box into which it goes.

import { MOST_ANSWER } from '../core/finish.js';
import { address } from './digest.js';
import { html, refill } from './dom.js';

/** Two who run relays of drand independently. They are shown, and never asked by this page. */
const RELAYS = ['api.drand.sh', 'drand.cloudflare.com'];

const localZone = () => new Intl.DateTimeFormat().resolvedOptions().timeZone;

function neededRound(words, { facts, about }) {
  const zone = localZone();
  const here = zone === 'UTC' ? null : words.time(about.roundTime, zone);
  const rows = {
    finishRound: words.number(facts.round),
    finishBeacon: words.say(facts.practice ? 'finishPractice' : 'finishPublic'),
    finishDueHere: here,
    finishDue: words.time(about.roundTime, null),
  };
  const items = Object.entries(rows)
    .filter(([, value]) => value !== null)
    .map(([key, value]) => html('div', {}, html('dt', {}, words.say(key)), html('dd', {}, value)));
  return html('dl', {}, ...items);
}

function addresses(words, { facts, about }) {
  const path = `/${about.chain}/public/${facts.round}`;
  const hosts = facts.practice ? [''] : RELAYS;
  return html(
    'div',
    {},
    html('p', {}, words.say(facts.practice ? 'finishHowPractice' : 'finishHow')),
    ...hosts.map((host) => html('p', {}, address(words, host + path))),
  );
}

/** The form. It keeps what was typed while it is drawn anew. `ask` is given the answer, a text. */
export class FinishForm {
  constructor(ask) {
    this.ask = ask;
    this.text = '';
    this.problem = null;
    this.said = html('div', { role: 'status', class: 'said' });
  }

  /** The section about a report whose draw can be finished. `fileInput` makes a file's control. */
  section(words, report, fileInput) {
    this.words = words;
    this.box = html('textarea', {
      id: 'answer',
      rows: 4,
      spellcheck: 'false',
      autocomplete: 'off',
      autocapitalize: 'off',
      oninput: () => (this.text = this.box.value),
    });
    this.box.value = this.text;
    this.button = html('button', { type: 'submit', class: 'primary' }, words.say('finishButton'));
    this.sayProblem();
    const { practice } = report.facts;
    return html(
      'section',
      { class: 'finish' },
      practice ? html('p', { class: 'practice-warning' }, words.say('practiceWarning')) : null,
      html('h2', {}, words.say('finish')),
      html('p', {}, words.say('finishLead')),
      neededRound(words, report),
      addresses(words, report),
      this.form(fileInput),
    );
  }

  form(fileInput) {
    const { words } = this;
    const submit = (event) => {
      event.preventDefault();
      this.submit();
    };
    return html(
      'form',
      { onsubmit: submit, novalidate: true },
      html(
        'p',
        { class: 'field' },
        html('label', { for: 'answer' }, words.say('finishAnswer')),
        this.box,
      ),
      html('label', { class: 'field' }, html('span', {}, words.say('finishFile')), fileInput),
      this.said,
      this.button,
    );
  }

  submit() {
    if (this.text.trim() === '') this.fail((words) => words.say('finishNothing'));
    else {
      this.problem = null;
      this.sayProblem();
      this.button.disabled = true;
      this.ask(this.text);
    }
  }

  /** Take a file that holds the answer, and ask at once. */
  async bring(file) {
    try {
      if (file.size > MOST_ANSWER) return this.fail((words) => words.reason('answer-form'));
      this.text = this.box.value = await file.text();
    } catch {
      return this.fail((words) => words.say('readFailed'));
    }
    return this.submit();
  }

  /** Say what is wrong: `problem` makes a sentence from the page's words. */
  fail(problem) {
    this.problem = problem;
    this.button.disabled = false;
    this.sayProblem();
  }

  sayProblem() {
    const { problem, words } = this;
    const note = problem && html('p', { class: 'note failed' }, problem(words));
    refill(this.said, note);
  }
}
