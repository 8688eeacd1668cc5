import { adapt } from '../../../src/engine/jobs/adapt.ts';
import { deploy } from '../../../src/engine/jobs/deploy.ts';
import { finetune } from '../../../src/engine/jobs/finetune.ts';
import { withJob } from '../../../src/engine/jobs/job.ts';
import { predict } from '../../../src/engine/jobs/predict.ts';
import { quiet, twinServices } from './mini-run.ts';

// Every job of a run, in a process that a test may shut in: `run-child.ts <run folder>`.
const [folder = ''] = process.argv.slice(2);
const services = twinServices();
await withJob(services, { runFolder: folder, device: 'cpu' }, quiet(), async (job) => {
  await adapt(job, 0);
  for (const arm of ['plain', 'adapted'] as const) {
    await finetune(job, arm, 0, 0);
    await deploy(job, arm);
    await predict(job, arm, job.run.manifest.images, `${folder}/${arm}.safetensors`);
  }
});
await services.close();
console.log('done');
