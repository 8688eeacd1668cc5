// Turns the events of node:test into a line per file, the failures in full, and the totals as the last line.
import { inspect } from 'node:util';

const seconds = (milliseconds) => `${(milliseconds / 1000).toFixed(1)} s`;

/** The error a test ended with, without the wrapper node:test puts around it. */
function describe(error) {
  const cause = error?.cause ?? error;
  return inspect(cause, { colors: false }).replaceAll(/^/gm, '    ');
}

export class Report {
  #write;
  #passed = 0;
  #failed = 0;
  #skipped = 0;
  /** Failures and skips of a file, printed under its line when the file is done. */
  #notes = new Map();

  constructor(write) {
    this.#write = write;
  }

  /** One of the checks: `output` is what it printed if it failed. */
  check(name, output, milliseconds) {
    if (output === undefined) this.#passed += 1;
    else this.#failed += 1;
    this.#write(`${output === undefined ? 'ok     ' : 'FAILED '} ${name} (${seconds(milliseconds)})\n`);
    if (output !== undefined) this.#write(`${output}\n`);
  }

  event({ type, data }, shorten) {
    if (type === 'test:fail' && data.details?.error?.failureType !== 'subtestsFailed') {
      this.#note(data.file ?? data.name, `  failed: ${data.name}\n${describe(data.details?.error)}\n`);
    }
    const skipped = data?.skip ?? data?.todo;
    if (type === 'test:pass' && skipped !== undefined && skipped !== false) {
      const reason = typeof skipped === 'string' && skipped !== '' ? skipped : 'no reason given';
      this.#note(data.file, `  skipped: ${data.name} (${reason})\n`);
    }
    if (type === 'test:summary' && data.file !== undefined) this.#file(data, shorten(data.file));
    if (type === 'test:summary' && data.file === undefined) this.#total(data.counts);
  }

  #note(file, text) {
    this.#notes.set(file, (this.#notes.get(file) ?? '') + text);
  }

  #file({ file, success, counts, duration_ms: duration }, name) {
    this.#write(
      `${success ? 'ok     ' : 'FAILED '} ${name}: ${counts.passed} of ${counts.tests} (${seconds(duration)})\n`,
    );
    this.#write(this.#notes.get(file) ?? '');
    this.#notes.delete(file);
  }

  #total(counts) {
    this.#passed += counts.passed;
    this.#failed += counts.failed + counts.cancelled;
    this.#skipped += counts.skipped + counts.todo;
  }

  /** Prints what is left and the totals; returns the exit status. */
  finish() {
    for (const text of this.#notes.values()) this.#write(text);
    this.#write(`${this.#passed} passed, ${this.#failed} failed, ${this.#skipped} skipped\n`);
    return this.#failed > 0 || this.#passed === 0 ? 1 : 0;
  }
}
