/** Lets everything that waits in this process go first: long work in core is done in pieces of a few milliseconds. */
export const breathe = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve));
