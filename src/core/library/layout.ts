/** How classes are found in the paths of a folder. */
export type Layout = 'class-per-folder' | 'flat';

/** Folders that say which part of a set, not which class. */
const partNames = /^(train|training|val|valid|validation|test|testing|images|img|data)$/i;
/** Folders whose images have no class yet. */
const unlabelledNames = /^(un-?label+ed|unsorted|unknown|unclassified)$/i;
/** More folders than this, or fewer images in each, look like patients or slides rather than classes. */
const mostClasses = 200;
const leastPerClass = 2;

/** Class name of a path, or null. Made once for a folder, from all its paths. */
export type ClassOf = (file: string) => string | null;

/** Decides whether subfolders are classes. */
export function guessLayout(files: readonly string[]): Layout {
  const counts = new Map<string, number>();
  const classOf = folderClasses(files);
  for (const file of files) {
    const name = classOf(file);
    if (name !== null) counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  const inFolders = [...counts.values()].reduce((sum, count) => sum + count, 0);
  const areClasses =
    counts.size > 0 &&
    counts.size <= mostClasses &&
    inFolders >= counts.size * leastPerClass &&
    inFolders * 2 > files.length;
  return areClasses ? 'class-per-folder' : 'flat';
}

/** The first folder of a path that isn't shared by all images and names no part of the set. */
export function folderClasses(files: readonly string[]): ClassOf {
  const skip = sharedDepth(files);
  return (file) => {
    const folders = file.split('/').slice(skip, -1);
    const name = folders.find((folder) => !partNames.test(folder));
    return name === undefined || unlabelledNames.test(name) ? null : name;
  };
}

/** How many leading folders all paths share, beside the last one. */
function sharedDepth(files: readonly string[]): number {
  const [first = '', ...rest] = files;
  const folders = first.split('/').slice(0, -1);
  let depth = folders.length;
  for (const file of rest) {
    const others = file.split('/').slice(0, -1);
    let same = 0;
    while (same < depth && others[same] === folders[same]) same++;
    depth = same;
    if (depth === 0) break;
  }
  // One class alone in a folder is a class, not a wrapper.
  const shared = folders.slice(0, depth);
  return depth === folders.length && files.every((file) => file.split('/').length - 1 === depth)
    ? Math.max(0, shared.length - 1)
    : depth;
}
