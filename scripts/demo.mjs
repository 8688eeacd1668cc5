// `npm run demo`: sets up, then `acclimate demo`.
import { become } from './node24.mjs';
import { setupOrExit } from './setup.mjs';

setupOrExit();
await become('src/cli/main.ts', ['demo', ...process.argv.slice(2)]);
