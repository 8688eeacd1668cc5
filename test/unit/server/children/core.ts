import { coreCalls, coreEvents, type CoreCalls, type CoreEvents } from '../../../../src/contract/core-calls.ts';
import { engineCalls } from '../../../../src/contract/engine-calls.ts';
import { AppError } from '../../../../src/contract/errors.ts';
import type { RunRow, RunState } from '../../../../src/contract/runs.ts';
import { clientChannelSchema } from '../../../../src/contract/seat.ts';
import { channels } from '../../../../src/rpc/channels.ts';
import { runChild } from '../../../../src/rpc/child.ts';
import { connect } from '../../../../src/rpc/connect.ts';
import { serve } from '../../../../src/rpc/serve.ts';
import type { Handlers, Server } from '../../../../src/rpc/types.ts';

const table = Buffer.from('image,class\n'.repeat(1000));

let pauses = 0;
const shells = new Set<Server<CoreEvents>>();
const tell = (project: string, state: RunState): RunRow => {
  const at = { createdAt: '', finishedAt: null, summary: '', fraction: 0, error: null, errorCode: null };
  const row: RunRow = { id: 'r1', kind: 'one-click', state, ...at };
  shells.forEach((shell) => shell.emit('run.state', { project, row }));
  return row;
};

// A core that can pass the question about the machine on, say who it is and who asks, give bytes for a key, and say
// that a run began and was paused.
const base = channels(runChild().port);
const engine = connect(engineCalls, {}, base.channel('engine'));
const handlers: Partial<Handlers<CoreCalls>> = {
  'machine.describe': (input, { signal, progress }) =>
    engine.call('machine.describe', input, { signal, onProgress: progress }),
  'audit.verify': ({ project }, { progress, seat }) => {
    progress({ stage: 'waiting', fraction: 0 });
    if (project === 'wait') return new Promise(() => undefined);
    if (project === 'pauses')
      return Promise.resolve({ ok: true, entries: pauses, head: '', problems: [], brokenFrom: null });
    return Promise.resolve({
      ok: true,
      entries: process.pid,
      head: JSON.stringify(seat),
      problems: [],
      brokenFrom: null,
    });
  },
  'runs.begin': async ({ project }) => tell(project, 'running'),
  'runs.pause': async ({ project }) => {
    pauses += 1;
    return tell(project, 'paused');
  },
  'images.bytes': async ({ project, image, kind, key }) => {
    if (key !== 'right') throw new AppError('image.key');
    if (image === 404) throw new AppError('image.unknown', { image });
    return { type: 'image/webp', bytes: Buffer.from(`${project} ${image} ${kind}`) };
  },
  'images.preview': async ({ key }) => {
    if (key !== 'right') throw new AppError('image.key');
    return { type: 'image/svg+xml', bytes: Buffer.from('<svg/>') };
  },
  'exports.read': async ({ token, at }) => {
    if (token !== 'right') throw new AppError('image.key');
    return { name: 'Zählung 1.csv', bytes: table.subarray(at, at + 5000), total: table.length };
  },
};
base.onOpen((name, port) => {
  const { seat } = clientChannelSchema.parse(JSON.parse(name));
  shells.add(serve(coreCalls, handlers as Handlers<CoreCalls>, port, { events: coreEvents, seat }));
});
