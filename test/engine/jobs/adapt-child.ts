import { adapt } from '../../../src/engine/jobs/adapt.ts';
import { withJob } from '../../../src/engine/jobs/job.ts';
import { AppError } from '../../../src/contract/errors.ts';
import { quiet, twinServices } from './mini-run.ts';
import { watched } from './watched.ts';

// Adapts in a process of its own, which a test may kill: `adapt-child.ts <run folder> [pause after this many steps]`.
const [folder = '', pauseAfter = 'Infinity'] = process.argv.slice(2);
const services = twinServices();
const stop = new AbortController();
let steps = 0;
const engine = watched(services, (program) => {
  if (!program.startsWith('byol')) return undefined;
  if (steps++ === 0) console.log('started');
  if (steps >= Number(pauseAfter)) stop.abort(new Error('paused'));
  return undefined;
});
try {
  const { outcome, sha256 } = await withJob(engine, { runFolder: folder, device: 'cpu' }, quiet(stop.signal), (job) =>
    adapt(job, 0),
  );
  console.log(`${outcome} ${sha256}`);
} catch (error) {
  console.log(`error ${AppError.from(error).code}`);
  process.exitCode = 1;
} finally {
  await services.close();
}
