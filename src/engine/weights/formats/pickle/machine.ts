import { malformed } from '../malformed.ts';
import type { PickleBytes } from './bytes.ts';
import { lookUp } from './known.ts';
import { isKind, type Dict, type List, type Value } from './values.ts';

/** Far above what a checkpoint with its optimizer needs; keeps a hostile file from taking time and memory. */
const limits = { operations: 1_000_000, marks: 100, stack: 200_000 };

/** What a persistent id stands for. */
export type Resolve = (id: readonly Value[]) => Value;

/**
 * A machine for Python's pickles that makes data and nothing else: no class is made, no function called but those of
 * the allow-list, which only put together what is there.
 */
export class Machine {
  readonly #source: PickleBytes;
  readonly #resolve: Resolve;
  readonly #stack: Value[] = [];
  readonly #marks: number[] = [];
  readonly #memo = new Map<number, Value>();
  readonly #file: string;

  constructor(source: PickleBytes, resolve: Resolve, file: string) {
    this.#source = source;
    this.#resolve = resolve;
    this.#file = file;
  }

  /** @throws AppError `weights.unsafe`, `weights.format` */
  run(): Value {
    for (let count = 0; count < limits.operations; count++) {
      const at = this.#source.at;
      const code = this.#source.byte();
      if (code === STOP) {
        const value = this.#pop();
        if (this.#stack.length > 0) throw this.#wrong('it ends with more than one value');
        return value;
      }
      const operation = operations.get(code);
      if (!operation) throw this.#wrong(`byte ${at} holds the instruction ${code}, which no checkpoint needs`);
      operation(this, this.#source);
      if (this.#stack.length > limits.stack) throw this.#wrong('it puts more on its stack than a checkpoint does');
    }
    throw this.#wrong('it has more instructions than a checkpoint does');
  }

  push(value: Value): void {
    this.#stack.push(value);
  }

  mark(): void {
    if (this.#marks.length >= limits.marks) throw this.#wrong('it is nested deeper than a checkpoint is');
    this.#marks.push(this.#stack.length);
  }

  /** The values above the last mark. */
  #popMarked(): Value[] {
    const mark = this.#marks.pop();
    if (mark === undefined) throw this.#wrong('a mark is missing');
    return this.#stack.splice(mark);
  }

  #pop(): Value {
    if (this.#stack.length <= (this.#marks.at(-1) ?? 0)) throw this.#wrong('a value is missing');
    return this.#stack.pop()!;
  }

  #top(): Value {
    const value = this.#pop();
    this.#stack.push(value);
    return value;
  }

  tuple(count?: number): void {
    const items = count === undefined ? this.#popMarked() : Array.from({ length: count }, () => this.#pop()).reverse();
    this.push({ kind: 'tuple', items });
  }

  append(values = this.#popMarked()): void {
    const { items } = this.#expect(this.#top(), 'list');
    for (const value of values) items.push(value);
  }

  appendOne(): void {
    this.append([this.#pop()]);
  }

  setItems(values = this.#popMarked()): void {
    const { entries } = this.#expect(this.#top(), 'dict');
    if (values.length % 2 !== 0) throw this.#wrong('a key has no value');
    for (let i = 0; i < values.length; i += 2) entries.set(values[i]!, values[i + 1]!);
  }

  setItem(): void {
    const value = this.#pop();
    this.setItems([this.#pop(), value]);
  }

  remember(index = this.#memo.size): void {
    this.#memo.set(index, this.#top());
  }

  recall(index: number): void {
    const value = this.#memo.get(index);
    if (value === undefined) throw this.#wrong('it recalls a value that it never had');
    this.push(value);
  }

  global(module: string, name: string): void {
    this.push(lookUp(module, name, this.#file));
  }

  stackGlobal(): void {
    const name = this.#pop();
    const module = this.#pop();
    if (typeof name !== 'string' || typeof module !== 'string') throw this.#wrong('a name is no text');
    this.global(module, name);
  }

  reduce(): void {
    const { items } = this.#expect(this.#pop(), 'tuple');
    const callee = this.#pop();
    if (!isKind(callee, 'known') || !callee.call) throw this.#wrong('it calls something that cannot be called');
    this.push(callee.call(items, this.#file));
  }

  /** The attributes of a state dict (its versions) are passed over; nothing else here has any. */
  build(): void {
    this.#pop();
    this.#expect(this.#top(), 'dict');
  }

  persistent(): void {
    this.push(this.#resolve(this.#expect(this.#pop(), 'tuple').items));
  }

  #expect<K extends 'list' | 'tuple' | 'dict'>(value: Value, kind: K): Extract<Value, { kind: K }> {
    if (!isKind(value, kind)) throw this.#wrong(`a ${kind} is missing`);
    return value;
  }

  #wrong(reason: string): Error {
    return malformed(this.#file, `its pickle is damaged or hostile: ${reason}`);
  }
}

const list = (): List => ({ kind: 'list', items: [] });
const dict = (): Dict => ({ kind: 'dict', entries: new Map() });
const STOP = 0x2e;

/** The instructions that `torch.save` and state dicts need, of protocols 2 to 5 (Python's pickletools.py). */
const operations: ReadonlyMap<number, (machine: Machine, source: PickleBytes) => void> = new Map([
  [0x80, (_, source) => source.skip(1)], // PROTO
  [0x95, (_, source) => source.skip(8)], // FRAME
  [0x28, (machine) => machine.mark()], // MARK
  [0x4e, (machine) => machine.push(null)], // NONE
  [0x88, (machine) => machine.push(true)], // NEWTRUE
  [0x89, (machine) => machine.push(false)], // NEWFALSE
  [0x4b, (machine, source) => machine.push(source.byte())], // BININT1
  [0x4d, (machine, source) => machine.push(source.uint16())], // BININT2
  [0x4a, (machine, source) => machine.push(source.int32())], // BININT
  [0x8a, (machine, source) => machine.push(source.long(source.byte()))], // LONG1
  [0x47, (machine, source) => machine.push(source.double())], // BINFLOAT
  [0x58, (machine, source) => machine.push(source.text(source.uint32()))], // BINUNICODE
  [0x8c, (machine, source) => machine.push(source.text(source.byte()))], // SHORT_BINUNICODE
  [0x8d, (machine, source) => machine.push(source.text(source.uint64()))], // BINUNICODE8
  [0x55, (machine, source) => machine.push(source.text(source.byte(), 'latin1'))], // SHORT_BINSTRING
  [0x54, (machine, source) => machine.push(source.text(source.uint32(), 'latin1'))], // BINSTRING
  [0x43, (machine, source) => machine.push({ kind: 'bytes', bytes: source.take(source.byte()) })], // SHORT_BINBYTES
  [0x42, (machine, source) => machine.push({ kind: 'bytes', bytes: source.take(source.uint32()) })], // BINBYTES
  [0x5d, (machine) => machine.push(list())], // EMPTY_LIST
  [0x61, (machine) => machine.appendOne()], // APPEND
  [0x65, (machine) => machine.append()], // APPENDS
  [0x29, (machine) => machine.tuple(0)], // EMPTY_TUPLE
  [0x85, (machine) => machine.tuple(1)], // TUPLE1
  [0x86, (machine) => machine.tuple(2)], // TUPLE2
  [0x87, (machine) => machine.tuple(3)], // TUPLE3
  [0x74, (machine) => machine.tuple()], // TUPLE
  [0x7d, (machine) => machine.push(dict())], // EMPTY_DICT
  [0x73, (machine) => machine.setItem()], // SETITEM
  [0x75, (machine) => machine.setItems()], // SETITEMS
  [0x71, (machine, source) => machine.remember(source.byte())], // BINPUT
  [0x72, (machine, source) => machine.remember(source.uint32())], // LONG_BINPUT
  [0x94, (machine) => machine.remember()], // MEMOIZE
  [0x68, (machine, source) => machine.recall(source.byte())], // BINGET
  [0x6a, (machine, source) => machine.recall(source.uint32())], // LONG_BINGET
  [0x63, (machine, source) => machine.global(source.line(), source.line())], // GLOBAL
  [0x93, (machine) => machine.stackGlobal()], // STACK_GLOBAL
  [0x52, (machine) => machine.reduce()], // REDUCE
  [0x62, (machine) => machine.build()], // BUILD
  [0x51, (machine) => machine.persistent()], // BINPERSID
]);
