import { randomUUID } from 'node:crypto';
import dgram from 'node:dgram';
import dns from 'node:dns';
import { appendFileSync, readFileSync, rmSync, statSync } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import net from 'node:net';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { isMainThread } from 'node:worker_threads';

/**
 * Loaded with `--import` before anything else in every Node process: sockets, name look-ups and datagrams reach this
 * machine only. Everything else fails with `ENETOFF` and is counted. `http`, `https`, `tls`, `fetch` and `WebSocket`
 * all open their sockets through `net.Socket`, so they are covered by it.
 *
 * It guards against JavaScript, ours and that of packages. Native code is kept off the network by its own switches
 * (`ORT_DISABLE_TELEMETRY`) and tested inside an empty network namespace.
 */

/** On `globalThis`, so that a bundled copy of this file in the same process wraps nothing twice. */
const stateKey = Symbol.for('acclimate.no-network');
const state = ((globalThis as Record<symbol, unknown>)[stateKey] ??= { installed: false }) as { installed: boolean };

/**
 * One line for each refusal, in a file that a process shares with all it starts: children that live for a second are
 * counted too. The file is made at the first refusal; the first process removes it.
 */
const countName = 'ACCLIMATE_REFUSED';
const isFirst = process.env[countName] === undefined;
const countFile = (process.env[countName] ??= join(tmpdir(), `acclimate-refused-${randomUUID()}`));

/** A connection, look-up or datagram that was refused. */
export interface Refusal {
  readonly time: string;
  /** Name of the process's first file, such as `core`. */
  readonly process: string;
  readonly to: string;
}

/** What this process and its relatives have refused since the first started. */
export function refusals(): Refusal[] {
  if (!statSync(countFile, { throwIfNoEntry: false })) return [];
  return readFileSync(countFile, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const [time = '', name = '', ...to] = line.split('\t');
      return { time, process: name, to: to.join(' ') };
    });
}

/** How many there were. */
export const blockedRequests = (): number => refusals().length;

function processName(): string {
  const [, file = 'node'] = process.argv;
  const name = basename(file).replace(/\.[cm]?[jt]s$/, '');
  return name === 'entry' || name === 'main' || name === 'index' ? basename(dirname(file)) : name;
}

const loopback = new net.BlockList();
loopback.addSubnet('127.0.0.0', 8);
loopback.addAddress('::1', 'ipv6');

/** Whether a host stands for this machine without asking a name server: `localhost`, 127.0.0.0/8, ::1. */
function isLoopback(host: string): boolean {
  const family = net.isIP(host);
  if (family === 0) return host.toLowerCase() === 'localhost';
  return loopback.check(host, family === 6 ? 'ipv6' : 'ipv4');
}

/** A named pipe of another computer (`\\server\pipe\…`) is a network connection; a socket file and `\\.\pipe\…` are not. */
const isLocalPath = (path: string): boolean => !path.startsWith('\\\\') || /^\\\\[.?]\\/.test(path);

class NetworkOffError extends Error {
  readonly code = 'ENETOFF';
  constructor(target: string) {
    super(`Acclimate makes no network connections; ${target} was refused.`);
  }
}

function refuse(target: string): NetworkOffError {
  try {
    const line = [new Date().toISOString(), processName(), target.replaceAll(/\s+/g, ' ').slice(0, 200)].join('\t');
    appendFileSync(countFile, `${line}\n`, { mode: 0o600 });
  } catch {
    // A full disk must not turn a refusal into something else.
  }
  return new NetworkOffError(target);
}

type Call = (this: unknown, ...args: unknown[]) => unknown;
type Table = Record<string, unknown>;

/** Replaces `table[name]` by a function that first lets `check` refuse the call. */
function wrap(table: object, name: string, replace: (original: Call) => Call): void {
  const original = (table as Table)[name];
  if (typeof original === 'function') (table as Table)[name] = replace(original as Call);
}

const lastCallback = (args: unknown[]): ((error: Error) => void) | undefined =>
  args.findLast((argument) => typeof argument === 'function') as ((error: Error) => void) | undefined;

/** `(options)`, `(port, host)`, `(path)`, or the normalised `[options, callback]` that `net.connect` hands on. */
function socketTarget(args: unknown[]): { host: string | undefined; path: string | undefined; lookup: boolean } {
  const first = Array.isArray(args[0]) ? (args[0] as unknown[])[0] : args[0];
  if (typeof first === 'object' && first !== null) {
    const options = first as { host?: string | null; path?: string | null; lookup?: unknown };
    return {
      host: options.host ?? undefined,
      path: options.path ?? undefined,
      lookup: typeof options.lookup === 'function',
    };
  }
  // The same rule as Node's: a string that is no port number is a path.
  if (typeof first === 'string' && !(Number(first) >= 0)) return { host: undefined, path: first, lookup: false };
  return { host: typeof args[1] === 'string' ? args[1] : undefined, path: undefined, lookup: false };
}

function guardSockets(): void {
  wrap(net.Socket.prototype, 'connect', (original) => {
    return function (this: unknown, ...args: unknown[]) {
      const { host, path, lookup } = socketTarget(args);
      // A look-up function of the caller's own could send `localhost` anywhere.
      const allowed =
        path !== undefined
          ? isLocalPath(path)
          : isLoopback(host ?? 'localhost') && (!lookup || net.isIP(host ?? '') > 0);
      if (allowed) return original.apply(this, args);
      const error = refuse(path ?? host ?? 'localhost');
      const socket = this as net.Socket;
      process.nextTick(() => socket.destroy(error));
      return socket;
    };
  });
  wrap(net.Server.prototype, 'listen', (original) => {
    return function (this: unknown, ...args: unknown[]) {
      const first = (Array.isArray(args[0]) ? (args[0] as unknown[])[0] : args[0]) as unknown;
      const isPort = first === undefined || first === null || typeof first === 'function' || Number(first) >= 0;
      const options = typeof first === 'object' && first !== null ? (first as Table) : undefined;
      const inherited =
        options !== undefined &&
        ['fd', 'path', '_handle', 'handle'].some((key) => (options[key] ?? undefined) !== undefined);
      const host = options ? options['host'] : args[1];
      // No host means every interface of this machine.
      const network = options ? !inherited : isPort;
      if (!network || (typeof host === 'string' && isLoopback(host))) return original.apply(this, args);
      const error = refuse(`listening on ${typeof host === 'string' ? host : 'every interface'}`);
      const server = this as net.Server;
      process.nextTick(() => server.emit('error', error));
      return server;
    };
  });
}

function guardNames(): void {
  const local = (name: unknown): boolean =>
    typeof name !== 'string' || name === '' || net.isIP(name) > 0 || isLoopback(name);
  wrap(dns, 'lookup', (original) => {
    return function (this: unknown, ...args: unknown[]) {
      if (local(args[0])) return original.apply(this, args);
      const error = refuse(String(args[0]));
      process.nextTick(() => lastCallback(args)?.(error));
      return {};
    };
  });
  wrap(dns.promises, 'lookup', (original) => {
    return function (this: unknown, ...args: unknown[]) {
      return local(args[0]) ? original.apply(this, args) : Promise.reject(refuse(String(args[0])));
    };
  });
  // `resolve*`, `reverse` and `lookupService` ask a name server whatever the name is.
  const asks = /^(resolve|reverse|lookupService)/;
  for (const table of [dns, dns.Resolver.prototype]) {
    for (const name of Object.getOwnPropertyNames(table).filter((key) => asks.test(key))) {
      wrap(table, name, () => {
        return function (...args: unknown[]) {
          const error = refuse(String(args[0]));
          process.nextTick(() => lastCallback(args)?.(error));
          return {};
        };
      });
    }
  }
  for (const table of [dns.promises, dns.promises.Resolver.prototype]) {
    for (const name of Object.getOwnPropertyNames(table).filter((key) => asks.test(key))) {
      wrap(
        table,
        name,
        () =>
          (...args: unknown[]) =>
            Promise.reject(refuse(String(args[0]))),
      );
    }
  }
}

function guardDatagrams(): void {
  // send(message[, offset, length][, port][, address][, callback]); connect(port[, address][, callback])
  for (const name of ['send', 'connect']) {
    wrap(dgram.Socket.prototype, name, (original) => {
      return function (this: unknown, ...args: unknown[]) {
        const address = args.slice(1).find((argument) => typeof argument === 'string') as string | undefined;
        if (address === undefined || isLoopback(address)) return original.apply(this, args);
        const error = refuse(address);
        const socket = this as dgram.Socket;
        const callback = lastCallback(args);
        process.nextTick(() => (callback ? callback(error) : socket.emit('error', error)));
        return undefined;
      };
    });
  }
  wrap(dgram.Socket.prototype, 'addMembership', () => (group: unknown) => {
    throw refuse(String(group));
  });
}

if (!state.installed) {
  state.installed = true;
  if (isFirst && isMainThread) process.on('exit', () => rmSync(countFile, { force: true }));
  guardSockets();
  guardNames();
  guardDatagrams();
  syncBuiltinESMExports();
}
