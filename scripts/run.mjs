// Sets up, then runs a file of this repository under Node 24 without a network: node scripts/run.mjs <file> [arguments]
import { become } from './node24.mjs';
import { setupOrExit } from './setup.mjs';

const [file, ...args] = process.argv.slice(2);
if (!file) {
  process.stderr.write('Say which file to run: node scripts/run.mjs <file> [arguments]\n');
  process.exit(2);
}
setupOrExit();
await become(file, args);
