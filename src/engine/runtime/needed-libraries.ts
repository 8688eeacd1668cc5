import { closeSync, openSync, readSync } from 'node:fs';

const DYNAMIC = 6;
const NEEDED = 1n;

/**
 * Names of the libraries that a library of Linux x64 lists as needed, in its order (ELF-64, "Dynamic Section").
 * @throws Error where the file is no such library
 */
export function neededBy(path: string): string[] {
  const file = openSync(path, 'r');
  const read = (at: number, length: number): Buffer => {
    const bytes = Buffer.alloc(length);
    if (readSync(file, bytes, 0, length, at) < length) throw new Error(`${path}: file too short`);
    return bytes;
  };
  try {
    const head = read(0, 64);
    if (head.readUInt32BE(0) !== 0x7f454c46 || head[4] !== 2 || head[5] !== 1)
      throw new Error(`${path}: invalid ELF header`);
    const [size, count] = [head.readUInt16LE(58), head.readUInt16LE(60)];
    const sections = read(Number(head.readBigUInt64LE(40)), size * count);
    const section = (i: number) => {
      const at = i * size;
      const [offset, length] = [sections.readBigUInt64LE(at + 24), sections.readBigUInt64LE(at + 32)];
      return {
        type: sections.readUInt32LE(at + 4),
        link: sections.readUInt32LE(at + 40),
        bytes: () => read(Number(offset), Number(length)),
      };
    };
    const dynamic = Array.from({ length: count }, (_, i) => section(i)).find(({ type }) => type === DYNAMIC);
    if (!dynamic) return [];
    const names = section(dynamic.link).bytes();
    const entries = dynamic.bytes();
    return Array.from({ length: entries.length / 16 }, (_, i) => 16 * i)
      .filter((at) => entries.readBigUInt64LE(at) === NEEDED)
      .map((at) => Number(entries.readBigUInt64LE(at + 8)))
      .map((at) => names.toString('latin1', at, names.indexOf(0, at)));
  } finally {
    closeSync(file);
  }
}
