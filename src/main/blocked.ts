import type { CoreCalls, CoreEvents } from '../contract/core-calls.ts';
import type { Client } from '../rpc/types.ts';

/** Counts the requests that were blocked in this window and tells core, one report at a time. */
export function countBlocked(core: Pick<Client<CoreCalls, CoreEvents>, 'call' | 'on'>): () => void {
  let requests = 0;
  let told = 0;
  let isTelling = false;
  const tell = async (): Promise<void> => {
    if (isTelling) return;
    isTelling = true;
    while (told < requests) {
      told = requests;
      await core.call('privacy.report', { process: 'window', requests }).catch(() => undefined);
    }
    isTelling = false;
  };
  // A core that was restarted starts from nothing.
  core.on('process.notice', ({ process: name, what }) => {
    if (name !== 'core' || what !== 'restarted' || requests === 0) return;
    told = 0;
    void tell();
  });
  return () => {
    requests += 1;
    void tell();
  };
}
