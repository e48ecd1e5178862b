// The page: takes the files, lets the worker check them, and shows what it says.

import { bringsFiles, chooserOf, fileInput, namedFiles } from './chooser.js';
import { html, refill } from './dom.js';
import { findForm, receiptOf, standingOf } from './find.js';
import { FinishForm } from './finish.js';
import { lineOf } from './line.js';
import { WorkerLink } from './link.js';
import { factsOf, findingsOf, verdictOf } from './results.js';
import { Steps } from './steps.js';
import { winnersOf } from './winners.js';
import { firstLanguage, Words } from './words.js';

/** The steps that a draw that is finished here goes through. */
const STEPS_OF_A_DRAW = ['beacon', 'seed', 'tickets', 'winners', 'succession'];

class Page {
  constructor() {
    this.words = new Words(firstLanguage());
    this.files = { bundle: null, trust: null, receipt: null, practice: false };
    this.report = null;
    this.you = null;
    this.problem = null;
    this.link = new WorkerLink((message) => this.hear(message));
    this.steps = new Steps(this.words);
    this.listenForDrops();
    this.draw();
  }

  listenForDrops() {
    addEventListener('dragover', (event) => {
      if (!bringsFiles(event)) return;
      event.preventDefault();
      document.body.classList.add('dragging');
    });
    addEventListener('dragleave', () => document.body.classList.remove('dragging'));
    addEventListener('drop', (event) => {
      if (!bringsFiles(event)) return;
      event.preventDefault();
      document.body.classList.remove('dragging');
      this.dropped(event);
    });
  }

  /** Files dropped where the beacon's answer belongs are one; anywhere else they are a contest's. */
  dropped({ target, dataTransfer: { files } }) {
    if (files.length === 0) return;
    if (target.closest?.('.finish form')) this.finisher.bring(files[0]);
    else this.choose('bundle', namedFiles(files));
  }

  choose(name, value) {
    this.files[name] = value;
    if (this.files.bundle) this.start();
    else this.draw();
  }

  start() {
    this.report = this.you = this.problem = null;
    this.steps.reset();
    this.finisher = new FinishForm((answer) => this.link.finish(answer));
    this.isChecking = true;
    this.draw();
    this.link.check(this.files);
  }

  hear(message) {
    const { steps } = this;
    if (message.kind === 'progress') steps.progress(message.name, message.share);
    else if (message.kind === 'step') steps.push(() => steps.set(message.name, message.state));
    else if (message.kind === 'done') steps.push(() => this.finish(message.report));
    else if (message.kind === 'finished') steps.push(() => this.finished(message));
    else if (message.kind === 'found') this.found(message);
    else this.fail(message.kind === 'unread' ? 'readFailed' : 'workerFailed');
  }

  finish(report) {
    this.isChecking = false;
    this.report = report;
    this.you = report.you;
    const { reason } = report.facts;
    if (report.failed) this.steps.fail(report.failed, () => this.words.reason(reason));
    if (report.facts.grade === 'D') this.steps.set('evidence', 'lacking');
    this.draw();
    this.announce();
  }

  /** The winners were computed here, or the answer was not the beacon's. */
  finished({ problem, winners, draws, you, grade }) {
    if (problem) {
      STEPS_OF_A_DRAW.forEach((name) => this.steps.set(name, 'waiting'));
      this.finisher.fail((words) => words.reason(problem));
      return;
    }
    Object.assign(this.report, { computed: { ...winners, grade }, draws });
    if (grade === 'D') this.steps.set('evidence', 'lacking');
    this.you = you;
    this.draw();
    // The form is gone, and with it the place where a keyboard was.
    document.getElementById('computed').focus();
    this.announce();
  }

  fail(problem) {
    this.isChecking = false;
    this.problem = problem;
    this.draw();
    this.announce();
  }

  /** Tell those who do not see the page what came out. */
  announce() {
    document.getElementById('said').textContent = document.querySelector('.verdict').innerText;
  }

  found({ you = null, problem = null }) {
    this.you = you;
    if (problem) this.finder.show(html('p', { class: 'note failed' }, this.words.say(problem)));
    else this.showStanding();
    this.showLines();
  }

  speak(language) {
    this.words = new Words(language);
    this.steps.words = this.words;
    this.steps.draw();
    this.draw();
    document.querySelector(`[data-language="${language}"]`).focus();
  }

  // --- what is drawn ---

  /** Draw everything anew; who was at a control stays there. */
  draw() {
    const { words } = this;
    const control = document.activeElement?.id;
    document.documentElement.lang = words.language;
    document.title = words.say('title');
    const hasBegun = this.isChecking || this.report !== null || this.problem !== null;
    refill(
      document.getElementById('page'),
      this.header(),
      html(
        'main',
        {},
        chooserOf(words, { files: this.files, choose: (name, value) => this.choose(name, value) }),
        hasBegun ? this.verdict() : null,
        hasBegun ? this.stepList() : null,
        ...this.results(),
      ),
    );
    if (this.report) {
      this.showLines();
      if (this.you) this.showStanding();
    }
    if (control) document.getElementById(control)?.focus();
  }

  header() {
    const { words } = this;
    const choice = (language, text) =>
      html(
        'button',
        {
          type: 'button',
          lang: language,
          'data-language': language,
          'aria-pressed': String(words.language === language),
          onclick: () => this.speak(language),
        },
        text,
      );
    return html(
      'header',
      {},
      html(
        'div',
        { class: 'top' },
        html('h1', {}, words.say('title')),
        html(
          'div',
          { class: 'languages', role: 'group', 'aria-label': words.say('language') },
          choice('en', 'English'),
          choice('ru', 'Русский'),
        ),
      ),
      html('p', { class: 'lead' }, words.say('lead')),
      html('p', { class: 'small' }, words.say('privacy')),
    );
  }

  verdict() {
    return verdictOf(this.words, { report: this.report, problem: this.problem });
  }

  stepList() {
    return html('section', {}, html('h2', {}, this.words.say('steps')), this.steps.list);
  }

  results() {
    const { words, report } = this;
    if (!report) return [];
    const isSound = !report.failed;
    return [
      isSound && report.facts.outcome === 'frozen' && !report.computed ? this.finishing() : null,
      isSound && report.draws ? this.winners() : null,
      isSound ? this.lines() : null,
      isSound ? this.find() : null,
      factsOf(words, report),
      findingsOf(words, report.facts.findings),
    ];
  }

  finishing() {
    const { words, finisher } = this;
    const input = fileInput(words, 'answer', ([file]) => finisher.bring(file));
    return finisher.section(words, this.report, input);
  }

  /** Practice is said first of all, here too where the organiser says nothing. */
  winnersHead() {
    const { words, report } = this;
    if (!report.computed) return [html('h2', {}, words.say('winners'))];
    const { practice } = report.facts;
    const { grade } = report.computed;
    return [
      practice ? html('p', { class: 'practice-warning' }, words.say('practiceWarning')) : null,
      html('h2', { id: 'computed', tabindex: -1 }, words.say('computed')),
      html('p', {}, words.say('computedSays')),
      grade ? html('p', { class: 'grade' }, words.grade(grade)) : null,
    ];
  }

  winners() {
    const { words, report } = this;
    const parts = report.draws.flatMap((draw, k) => [
      report.draws.length > 1 ? html('h3', {}, words.say('draw', { number: k + 1 })) : null,
      winnersOf(words, draw),
    ]);
    return html('section', { class: 'winners' }, ...this.winnersHead(), ...parts);
  }

  lines() {
    if (!this.report.draws) return null;
    const { words } = this;
    this.lineHolder = html('div');
    return html(
      'section',
      {},
      html('h2', {}, words.say('line')),
      html('p', {}, words.say('lineSays')),
      this.lineHolder,
    );
  }

  showLines() {
    if (!this.report.draws || this.report.failed) return;
    const pictures = this.report.draws.flatMap(({ line }, k) => [
      this.report.draws.length > 1
        ? html('h3', {}, this.words.say('draw', { number: k + 1 }))
        : null,
      lineOf(this.words, line, this.you?.draws?.[k].share ?? null),
    ]);
    refill(this.lineHolder, ...pictures);
  }

  find() {
    const { words, report } = this;
    const { receipt } = report.facts;
    this.finder = findForm(words, (typed) => this.ask(typed));
    if (report.about.count === null)
      return receipt ? html('section', {}, receiptOf(words, receipt)) : null;
    return html(
      'section',
      { class: 'find' },
      html('h2', {}, words.say('find')),
      receipt ? receiptOf(words, receipt) : null,
      this.finder.answer,
      this.finder.form,
    );
  }

  ask(typed) {
    this.finder.show();
    this.link.find(typed);
  }

  showStanding() {
    const draws =
      this.you.draws?.map((draw, k) => ({ ...draw, winners: this.report.draws[k].line.winners })) ??
      null;
    this.finder.show(standingOf(this.words, { ...this.you, draws }));
  }
}

new Page();
