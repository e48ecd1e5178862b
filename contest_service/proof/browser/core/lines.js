// Files of lines, read as they come out of the container: one line is in memory at a time.

import { parse } from './canonical.js';
import { demand } from './refusal.js';

/** Bytes of a line, without its LF. */
export const MOST_LINE = 1_048_576;

/** Cuts what it is given into lines and hands on each one, parsed, with its place. */
export class Lines {
  constructor(name, take) {
    this.name = name;
    this.take = take;
    this.number = 0;
    this.held = new Uint8Array(1024);
    this.length = 0;
  }

  place() {
    return `${this.name}:${this.number}`;
  }

  push(chunk) {
    let from = 0;
    for (let end = chunk.indexOf(10); end >= 0; end = chunk.indexOf(10, from)) {
      this.number++;
      const part = chunk.subarray(from, end);
      if (this.length) {
        this.hold(part);
        this.line(this.held.subarray(0, this.length));
        this.length = 0;
      } else {
        this.line(part);
      }
      from = end + 1;
    }
    this.hold(chunk.subarray(from));
  }

  line(bytes) {
    demand(bytes.length > 0, 'empty-line', this.place());
    demand(bytes.length <= MOST_LINE, 'line-too-long', this.place());
    this.take(parse(bytes, this.place()), this.place());
  }

  hold(part) {
    const length = this.length + part.length;
    demand(length <= MOST_LINE, 'line-too-long', `${this.name}:${this.number + 1}`);
    if (length > this.held.length) {
      const larger = new Uint8Array(2 * length);
      larger.set(this.held.subarray(0, this.length));
      this.held = larger;
    }
    this.held.set(part, this.length);
    this.length = length;
  }

  end() {
    demand(this.length === 0, 'line-end', `${this.name}:${this.number + 1}`);
  }
}
