import { homedir } from 'node:os';
import { join } from 'node:path';

/** Settings of this computer's user, where each system keeps them. */
export function settingsFolder(environment: NodeJS.ProcessEnv = process.env, platform = process.platform): string {
  if (platform === 'win32') return join(environment['APPDATA'] ?? join(homedir(), 'AppData', 'Roaming'), 'Acclimate');
  if (platform === 'darwin') return join(homedir(), 'Library', 'Application Support', 'Acclimate');
  return join(environment['XDG_CONFIG_HOME'] ?? join(homedir(), '.config'), 'acclimate');
}
