import type { Command } from '../command.ts';
import { adaptCommand } from './adapt.ts';
import { auditVerifyCommand } from './audit-verify.ts';
import { bundleCommand, unbundleCommand } from './bundle.ts';
import { cancelCommand } from './cancel.ts';
import { compareCommand } from './compare.ts';
import { demoCommand } from './demo.ts';
import { doctorCommand } from './doctor.ts';
import { embedCommand } from './embed.ts';
import { finetuneCommand } from './finetune.ts';
import { importCommand } from './import.ts';
import { linkCommand } from './link.ts';
import { predictCommand } from './predict.ts';
import { rankCommand } from './rank.ts';
import { reportCommand } from './report.ts';
import { resultsCommand } from './results.ts';
import { resumeCommand } from './resume.ts';
import { runCommand } from './run.ts';
import { runsCommand } from './runs.ts';
import { serveCommand } from './serve.ts';
import { weightsCommand } from './weights.ts';

export const commands: readonly Command[] = [
  importCommand,
  runCommand,
  adaptCommand,
  finetuneCommand,
  compareCommand,
  rankCommand,
  embedCommand,
  runsCommand,
  resultsCommand,
  reportCommand,
  resumeCommand,
  cancelCommand,
  predictCommand,
  weightsCommand,
  auditVerifyCommand,
  bundleCommand,
  unbundleCommand,
  doctorCommand,
  demoCommand,
  serveCommand,
  linkCommand,
];
