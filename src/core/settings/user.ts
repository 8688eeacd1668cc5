import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { z } from 'zod';
import { settingsSchema, type settingsChangeSchema, type Settings } from '../../contract/settings.ts';
import { settingsFolder } from '../../files/settings-folder.ts';
import { writeJson } from './json-file.ts';

const file = (): string => join(settingsFolder(), 'settings.json');

/** What the user set. A field that is damaged or of another version falls back alone; the others stay. */
export function readUserSettings(): Settings {
  const kept = readKept();
  const whole = settingsSchema.safeParse(kept);
  if (whole.success) return whole.data;
  const broken = new Set(whole.error.issues.map(({ path }) => path[0]));
  return settingsSchema.parse(Object.fromEntries(Object.entries(kept).filter(([name]) => !broken.has(name))));
}

export function changeUserSettings(change: z.infer<typeof settingsChangeSchema>): Settings {
  const given = Object.fromEntries(Object.entries(change).filter(([, value]) => value !== undefined));
  const settings = settingsSchema.parse({ ...readUserSettings(), ...given });
  writeJson(file(), settings);
  return settings;
}

function readKept(): Record<string, unknown> {
  try {
    const kept: unknown = JSON.parse(readFileSync(file(), 'utf8'));
    return typeof kept === 'object' && kept !== null ? { ...kept } : {};
  } catch {
    return {};
  }
}
