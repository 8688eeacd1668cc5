import type { Machine } from '../../contract/machine.ts';
import { bytes, plural } from './numbers.ts';

type Provider = Machine['providers'][number];

function providerLines(provider: Provider): string[] {
  const { name, offered, available, reason, speed, selfTests } = provider;
  const state = offered ? 'used' : available ? 'not used' : 'not there';
  const speedWords = speed === null ? '' : `, ${speed.toFixed(2)} × the processor`;
  return [
    `  ${name}: ${state}${speedWords}${reason === null ? '' : ` (${reason})`}`,
    ...selfTests.map(({ name: test, passed, detail }) => `    ${passed ? 'right' : 'WRONG'}  ${test}: ${detail}`),
  ];
}

export function machineText(machine: Machine): string {
  return [
    `Acclimate ${machine.version}, Node ${machine.node}, ${machine.platform}`,
    `Processor: ${machine.processor}, ${plural(machine.cores, 'core')}, ${bytes(machine.memoryBytes)} of memory`,
    `Runtime: ${machine.runtime}`,
    `Network: ${machine.telemetryOff ? 'telemetry of the runtime is off' : 'TELEMETRY IS ON'}; ${plural(machine.blockedRequests, 'request')} to outside refused`,
    '',
    'Computes on:',
    ...machine.providers.flatMap(providerLines),
  ].join('\n');
}
