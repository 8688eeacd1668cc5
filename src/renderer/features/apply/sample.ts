/** Images one checks of a batch before relying on it. */
export const sampled = 30;
