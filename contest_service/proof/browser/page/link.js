// The line to the worker, whose source is a part of this page.

/* global WORKER_SOURCE */

/** Starts a worker for every check, so that a new one never waits for the last. */
export class WorkerLink {
  constructor(hear) {
    this.hear = hear;
    this.number = 0;
    this.worker = null;
    const source = new Blob([WORKER_SOURCE], { type: 'text/javascript' });
    this.address = URL.createObjectURL(source);
  }

  check(files) {
    this.worker?.terminate();
    const number = ++this.number;
    this.worker = new Worker(this.address);
    this.worker.onmessage = ({ data }) => {
      if (data.number === undefined || data.number === this.number) this.hear(data);
    };
    this.worker.onerror = () => number === this.number && this.hear({ kind: 'broken' });
    this.worker.postMessage({ kind: 'check', number, ...files });
  }

  /** Finish the draw that was checked last, with the beacon's answer (a text). */
  finish(answer) {
    this.worker.postMessage({ kind: 'finish', number: this.number, answer });
  }

  find(typed) {
    this.worker.postMessage({ kind: 'find', ...typed });
  }
}
