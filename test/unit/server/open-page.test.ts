import assert from 'node:assert/strict';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { openPage } from '../../../src/server/open-page.ts';

const skip = process.platform === 'linux' ? false : 'the browser is opened by another program here';

test('the browser is led to the link by a file of the owner’s, not by an argument', { skip }, async () => {
  const folder = mkdtempSync(join(tmpdir(), 'acclimate-open-test-'));
  const path = process.env['PATH'];
  const told = createServer();
  try {
    told.listen(join(folder, 'told.sock'));
    await once(told, 'listening');
    const script = `#!${process.execPath}\nrequire('node:net').connect(${JSON.stringify(join(folder, 'told.sock'))}).end(process.argv[2]);\n`;
    writeFileSync(join(folder, 'xdg-open'), script, { mode: 0o700 });
    process.env['PATH'] = folder;
    const url = 'http://127.0.0.1:8642/#token=secret-token';
    const tidy = openPage(url);
    const [socket] = (await once(told, 'connection')) as [AsyncIterable<Buffer>];
    let argument = '';
    for await (const chunk of socket) argument += chunk.toString();
    assert(!argument.includes('secret-token'), 'everybody on the computer could read it');
    const file = fileURLToPath(argument);
    assert(readFileSync(file, 'utf8').includes(`url=${url}"`));
    assert.equal(statSync(file).mode & 0o077, 0);
    assert.equal(statSync(dirname(file)).mode & 0o077, 0);
    tidy();
    assert(!existsSync(file));
  } finally {
    process.env['PATH'] = path;
    told.close();
    rmSync(folder, { recursive: true });
  }
});
