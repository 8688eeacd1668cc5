#!/usr/bin/env node
// The launcher of every command: re-executes the command line under Node 24, whatever Node started it.
import { become } from '../scripts/node24.mjs';

await become('src/cli/main.ts', process.argv.slice(2));
