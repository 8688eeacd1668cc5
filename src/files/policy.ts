import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { AppError } from '../contract/errors.ts';
import { policySchema, type Policy } from '../contract/settings.ts';

/** Where an administrator puts it; `ACCLIMATE_POLICY` names another place, and cannot take away the one that is there. */
function policyFiles(environment: NodeJS.ProcessEnv, platform: NodeJS.Platform): string[] {
  const named = environment['ACCLIMATE_POLICY'];
  return [machineFile(environment, platform), ...(named === undefined || named === '' ? [] : [named])];
}

function machineFile(environment: NodeJS.ProcessEnv, platform: NodeJS.Platform): string {
  if (platform === 'win32') return join(environment['ProgramData'] ?? 'C:\\ProgramData', 'Acclimate', 'policy.json');
  if (platform === 'darwin') return '/Library/Application Support/Acclimate/policy.json';
  return '/etc/acclimate/policy.json';
}

/**
 * What an administrator fixed for this computer; nothing where there is no such file.
 * @throws AppError `policy.broken`: with a file that is not understood nothing may start
 */
export function readPolicy(environment: NodeJS.ProcessEnv = process.env, platform = process.platform): Policy {
  for (const file of policyFiles(environment, platform)) {
    const text = textOf(file);
    if (text !== undefined) return parse(file, text);
  }
  return policySchema.parse({});
}

function textOf(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    const { code = 'unreadable' } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    throw new AppError('policy.broken', { file, reason: `it cannot be read: ${code}` }, { cause: error });
  }
}

function parse(file: string, text: string): Policy {
  try {
    // A name with a slip in it would otherwise be a rule that nobody keeps.
    return z.strictObject(policySchema.shape).parse(JSON.parse(text));
  } catch (error) {
    const issue = error instanceof z.ZodError ? error.issues[0] : undefined;
    const reason = issue === undefined ? 'it is no JSON' : [...issue.path, issue.message].join(' ');
    throw new AppError('policy.broken', { file, reason }, { cause: error });
  }
}
