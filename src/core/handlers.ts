import type { CoreCalls } from '../contract/core-calls.ts';
import type { Handlers } from '../rpc/types.ts';
import * as apply from './apply/handlers.ts';
import * as audit from './audit/handlers.ts';
import * as bundle from './bundle/handlers.ts';
import type { Connections, CoreContext } from './context.ts';
import * as diagnostics from './diagnostics/handlers.ts';
import { observed } from './diagnostics/observe.ts';
import * as exportsDomain from './exports/handlers.ts';
import * as labels from './labels/handlers.ts';
import * as library from './library/handlers.ts';
import * as models from './models/handlers.ts';
import * as map from './map/handlers.ts';
import * as predict from './predict/handlers.ts';
import * as privacy from './privacy/handlers.ts';
import * as projects from './projects/handlers.ts';
import * as queues from './queues/handlers.ts';
import * as raters from './raters/handlers.ts';
import * as report from './report/handlers.ts';
import * as results from './results/handlers.ts';
import * as runs from './runs/handlers.ts';
import * as settings from './settings/handlers.ts';
import * as thumbnails from './thumbnails/handlers.ts';
import * as storage from './storage/handlers.ts';
import * as views from './views/handlers.ts';
import * as weights from './weights/handlers.ts';
import * as why from './why/handlers.ts';

/** Everything core can be asked: the calls of every domain, and of the engine what a shell may ask directly. */
export function coreHandlers(context: CoreContext & Connections): Handlers<CoreCalls> {
  return observed({
    ...privacy.handlers(context),
    ...projects.handlers(context),
    ...library.handlers(context),
    ...diagnostics.handlers(),
    ...labels.handlers(context),
    ...audit.handlers(),
    ...runs.handlers(context),
    ...apply.handlers(context),
    ...exportsDomain.handlers(),
    ...bundle.handlers(),
    ...report.handlers(),
    ...models.handlers(context),
    ...results.handlers(),
    ...queues.handlers(context),
    ...map.handlers(context),
    ...raters.handlers(context),
    ...predict.handlers(context),
    ...settings.handlers(context),
    ...thumbnails.handlers(),
    ...storage.handlers(),
    ...views.handlers(),
    ...weights.handlers(context),
    ...why.handlers(context),
    'machine.describe': (input, { signal, progress }) =>
      context.engine.call('machine.describe', input, { signal, onProgress: progress }),
  });
}
