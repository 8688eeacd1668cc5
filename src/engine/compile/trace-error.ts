/** A program that cannot be traced: a mistake of its author, never of a user. */
export class TraceError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'TraceError';
  }
}
