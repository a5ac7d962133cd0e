import { copyFile, mkdir, readdir, rm, stat, utimes } from 'node:fs/promises';
import { dirname, join, relative, resolve } from 'node:path';

/** How long files of former builds stay: tabs that were opened with them may still ask for more of them. */
const KEPT_S = 24 * 60 * 60;
const ASSETS = 'assets';
const PAGE = 'index.html';
const REMOTES = 'mfes';

const filesBelow = async (dir: string): Promise<string[]> => {
  const entries = await readdir(dir, { withFileTypes: true, recursive: true }).catch(() => []);
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => relative(dir, join(entry.parentPath, entry.name)))
    .sort();
};

const timeOf = async (file: string): Promise<number> => {
  const found = await stat(file).catch(() => null);
  return found === null ? 0 : Math.floor(found.mtimeMs / 1_000);
};

/** Assets first and the page last: who gets the new page finds all that it names. */
const inOrder = (files: readonly string[]): string[] => {
  const rank = (file: string): number => (file.startsWith(PAGE) ? 2 : file.startsWith(ASSETS) ? 0 : 1);
  return [...files].sort((a, b) => rank(a) - rank(b));
};

/**
 * Moves a built shell into the web root, beside the remotes. Assets of former builds, which have a hash in
 * their names, stay for a day; other files that are not in the build are deleted. All files of a build have
 * the time of its page, and an asset that was replaced has the time of that.
 */
export const placeShell = async (
  built: string,
  root: string,
  nowS = Math.floor(Date.now() / 1_000),
): Promise<void> => {
  const files = await filesBelow(built);
  const before = (await filesBelow(root)).filter((file) => !file.startsWith(`${REMOTES}/`));
  const beforeS = await timeOf(resolve(root, PAGE));
  // An entity tag may be made of size and time alone, and the second in between is that of what is replaced.
  const atS = Math.max(nowS, beforeS + 2);
  for (const file of inOrder(files)) {
    const target = resolve(root, file);
    await mkdir(dirname(target), { recursive: true });
    await copyFile(resolve(built, file), target);
    await utimes(target, atS, atS);
  }
  for (const file of before.filter((one) => !files.includes(one))) {
    const target = resolve(root, file);
    const fileS = await timeOf(target);
    const replacedS = fileS === beforeS ? atS - 1 : fileS;
    if (!file.startsWith(`${ASSETS}/`) || atS - replacedS > KEPT_S) await rm(target);
    else if (replacedS !== fileS) await utimes(target, replacedS, replacedS);
  }
  await rm(built, { recursive: true });
};
