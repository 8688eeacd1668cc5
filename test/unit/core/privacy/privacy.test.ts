import assert from 'node:assert/strict';
import net from 'node:net';
import { test } from 'node:test';
import { coreCalls } from '../../../../src/contract/core-calls.ts';
import { ownSeat, type Seat } from '../../../../src/contract/seat.ts';
import { handlers } from '../../../../src/core/privacy/handlers.ts';
import { quiet } from '../projects/quiet.ts';

const seats: Seat[] = [ownSeat, { rater: 'Ann', paths: false, roots: [] }, { rater: null, paths: false, roots: [] }];
const calls = handlers({ seats: () => seats });
const told = async () => coreCalls['privacy.get'].output.parse(await calls['privacy.get']({}, quiet));

test('what the guard refused is listed with its target, newest first', async () => {
  const before = (await told()).last.length;
  await new Promise((resolve) => net.connect(80, '192.0.2.1').on('error', resolve));
  await new Promise((resolve) => net.connect(80, '192.0.2.2').on('error', resolve));
  const { last, blocked } = await told();
  assert.deepEqual(
    last.slice(0, 2).map(({ to }) => to),
    ['192.0.2.2', '192.0.2.1'],
  );
  assert.equal(last.length, before + 2);
  const mine = blocked.find(({ process: name }) => name === last[0]?.process);
  assert.ok((mine?.requests ?? 0) >= 2);
  assert.ok(blocked.some(({ process: name, requests }) => name === 'engine' && requests === 0));
});

test('a page reports its own, and a reload does not take it back', async () => {
  await calls['privacy.report']({ process: 'window', requests: 3 }, quiet);
  await calls['privacy.report']({ process: 'window', requests: 0 }, quiet);
  assert.deepEqual(
    (await told()).blocked.find(({ process: name }) => name === 'window'),
    { process: 'window', requests: 3 },
  );
});

test('pages in browsers are told with whom their link was made for, and nobody at this computer is', async () => {
  assert.deepEqual((await told()).connected, [{ rater: 'Ann' }, { rater: null }]);
});
