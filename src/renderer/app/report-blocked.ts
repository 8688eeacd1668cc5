import { call } from '../state/core.ts';

/** Tells core what the page's own policy refused: it is counted and shown beside what the processes refused. */
export function reportBlocked(): void {
  let requests = 0;
  document.addEventListener('securitypolicyviolation', () => {
    requests += 1;
    void call('privacy.report', { process: 'page', requests }).catch(() => undefined);
  });
}
