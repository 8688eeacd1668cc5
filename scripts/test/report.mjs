// Turns the events of node:test into a line per file, the failures in full, and the totals as the last line.
import { inspect } from 'node:util';

/** Of what a failed file printed, the end is kept. */
const keptOutput = 8000;
/** So many of the tests that took longest are named at the end. */
const namedTests = 10;
const seconds = (milliseconds) => `${(milliseconds / 1000).toFixed(1)} s`;
const indent = (text) => text.replaceAll(/^(?=.)/gm, '    ');

/** The error a test ended with, without the wrapper node:test puts around it. */
const describe = (error) => indent(inspect(error?.cause ?? error, { colors: false }));

export class Report {
  #write;
  #shorten;
  #passed = 0;
  #failed = 0;
  #skipped = 0;
  /** Failures and skips of a file, printed under its line when the file is done. */
  #notes = new Map();
  #printed = new Map();
  /** What each test took: milliseconds, and which it is. */
  #took = [];

  /** `write` takes the text; `shorten` makes a path of a test file readable. */
  constructor(write, shorten) {
    this.#write = write;
    this.#shorten = shorten;
  }

  /** One of the checks: `output` is what it printed if it failed. */
  check(name, output, milliseconds) {
    if (output === undefined) this.#passed += 1;
    else this.#failed += 1;
    this.#write(`${output === undefined ? 'ok     ' : 'FAILED '} ${name} (${seconds(milliseconds)})\n`);
    if (output !== undefined) this.#write(`${output}\n`);
  }

  event({ type, data }) {
    if (type === 'test:pass' || type === 'test:fail') this.#time(data);
    if (type === 'test:stdout' || type === 'test:stderr') this.#output(data);
    if (type === 'test:pass') this.#pass(data);
    if (type === 'test:fail') this.#fail(data);
    if (type === 'test:summary' && data.file !== undefined) this.#file(data);
    if (type === 'test:summary' && data.file === undefined) this.#total(data.counts);
  }

  #output({ file, message }) {
    this.#printed.set(file, ((this.#printed.get(file) ?? '') + message).slice(-keptOutput));
  }

  #time({ file, name, details }) {
    // A suite and a file that died take what their tests took.
    if (details.type === 'suite' || file === undefined || name === file) return;
    this.#took.push([details.duration_ms, `${this.#shorten(file)}: ${name}`]);
  }

  #pass({ file, name, skip, todo }) {
    const reason = [skip, todo].find((value) => value !== undefined && value !== false);
    if (reason === undefined) return;
    this.#note(file, `  skipped: ${name} (${typeof reason === 'string' && reason ? reason : 'no reason given'})\n`);
  }

  #fail({ file, name, nesting, details }) {
    if (details.error?.failureType === 'subtestsFailed') return;
    // A file that died before or beside its tests is itself the test that failed.
    if (nesting === 0 && (file === undefined || name === file)) {
      this.#write(`FAILED  ${this.#shorten(name)}: it did not run to its end\n`);
      this.#write(`${indent(this.#printed.get(name) ?? '')}${this.#notes.get(name) ?? ''}`);
      this.#notes.delete(name);
      return;
    }
    this.#note(file, `  failed: ${name}\n${describe(details.error)}\n`);
  }

  #note(file, text) {
    this.#notes.set(file, (this.#notes.get(file) ?? '') + text);
  }

  #file({ file, success, counts, duration_ms: duration }) {
    const line = `${this.#shorten(file)}: ${counts.passed} of ${counts.tests} (${seconds(duration)})`;
    this.#write(`${success ? 'ok     ' : 'FAILED '} ${line}\n${this.#notes.get(file) ?? ''}`);
    if (!success) this.#write(indent(this.#printed.get(file) ?? ''));
    this.#notes.delete(file);
  }

  #total(counts) {
    this.#passed += counts.passed;
    this.#failed += counts.failed + counts.cancelled;
    this.#skipped += counts.skipped + counts.todo;
  }

  /** Prints what is left and the totals; returns the exit status. */
  finish() {
    for (const [file, text] of this.#notes) this.#write(`${this.#shorten(file)}\n${text}`);
    const longest = this.#took.sort(([a], [b]) => b - a).slice(0, namedTests);
    if (longest.length > 0) this.#write('The tests that took longest:\n');
    for (const [took, which] of longest) this.#write(`${seconds(took).padStart(9)} ${which}\n`);
    this.#write(`${this.#passed} passed, ${this.#failed} failed, ${this.#skipped} skipped\n`);
    return this.#failed > 0 || this.#passed === 0 ? 1 : 0;
  }
}
