/**
 * Child process of the image pool. Works through one batch at a time and answers each source before it begins the
 * next, so that the parent knows which file a death belongs to. Loads sharp and nothing of the engine.
 */
// The window's children inherit no `--import`.
import '../guard/no-network.ts';
import { encode } from './encode.ts';
import { inspect, record } from './inspect.ts';
import type { ChildMessage, ChildReply, ChildRequest, DecodeTask } from './messages.ts';
import { ImageFailure, type EncodedImage, type ImageFacts, type ImageRecord, type ImageSource } from './types.ts';

function work(task: DecodeTask, source: ImageSource): Promise<ImageFacts | ImageRecord | EncodedImage> {
  if (task.kind === 'inspect') return inspect(source);
  return task.kind === 'record' ? record(source, task) : encode(source, task);
}

async function decodeOne(task: DecodeTask, source: ImageSource): Promise<ChildReply> {
  try {
    return { ok: true, value: await work(task, source) };
  } catch (error) {
    if (error instanceof ImageFailure) return { ok: false, code: error.code, reason: error.message };
    return { ok: false, code: 'truncated', reason: 'the file is damaged or cut off' };
  }
}

const reply = (message: ChildMessage): Promise<void> =>
  new Promise((resolve) => {
    process.send?.(message, () => resolve());
  });

process.on('message', (request: ChildRequest) => {
  void (async () => {
    for (const source of request.sources) await reply(await decodeOne(request.task, source));
  })();
});
process.on('disconnect', () => process.exit(0));
await reply('ready');
