import { AppError } from '../../contract/errors.ts';

/** Whether `--groups` is a pattern over file names rather than a column. */
export const isPattern = (groups: string): boolean => groups.includes('{group}');

const escaped = (text: string): string => text.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&');

/**
 * Group of a file by a pattern such as `P{group}_*`: `{group}` stands for one part of a name, `*` for anything.
 * A pattern with `/` is held against the whole path, else against the name; the ending may be left out.
 * @throws AppError `groups.pattern`
 */
export function groupPattern(pattern: string): (file: string) => string | null {
  const bad = (reason: string): AppError => new AppError('groups.pattern', { pattern, reason });
  const parts = pattern.split('{group}');
  if (parts.length !== 2) throw bad('{group} must stand in it once');
  const [before, after] = parts as [string, string];
  if (before.endsWith('*') || after.startsWith('*')) throw bad('* may not stand beside {group}: where would it end');
  const wild = (text: string): string => text.split('*').map(escaped).join('.*?');
  const regex = new RegExp(`^${wild(before)}([^/]+?)${wild(after)}(?:\\.[^./]+)?$`, 'u');
  const wholePath = pattern.includes('/');
  return (file) => {
    const name = wholePath ? file : file.slice(file.lastIndexOf('/') + 1);
    return regex.exec(name.normalize('NFC'))?.[1] ?? null;
  };
}
