import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Import first: what this process keeps for its user goes into a folder of its own. */
const home = mkdtempSync(join(tmpdir(), 'acclimate-settings-'));
process.env['XDG_CONFIG_HOME'] = home;
process.env['APPDATA'] = home;
process.env['HOME'] = home;
process.on('exit', () => rmSync(home, { recursive: true, force: true }));
