import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';

export const root = join(import.meta.dirname, '../..');

const NOT_OURS = ['node_modules', 'dist', 'coverage', 'test-results', 'playwright-report', 'fixtures'];

/** All files of the project, relative to its root; what is made or installed, and fixtures, left out. */
export const filesBelow = (folder = root): string[] =>
  readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isFile()) return [relative(root, path)];
    const isHidden = entry.name.startsWith('.') && entry.name !== '.ci';
    return entry.isDirectory() && !isHidden && !NOT_OURS.includes(entry.name) ? filesBelow(path) : [];
  });

export const textOf = (path: string): string => readFileSync(join(root, path), 'utf8');

export const foldersIn = (folder: string): string[] =>
  readdirSync(join(root, folder), { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && !entry.name.startsWith('.') && !NOT_OURS.includes(entry.name))
    .map((entry) => entry.name);

export const kebab = (name: string): string => name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);

/** Paths in a fenced block marked `tree`, drawn with indentation or with lines; a folder ends in a slash. */
export const pathsInTree = (markdown: string): string[] => {
  const block = /```tree\n([\s\S]*?)```/.exec(markdown)?.[1] ?? '';
  const above: { depth: number; name: string }[] = [];
  return block.split('\n').flatMap((line) => {
    const found = /^([\s│├└─]*)([\w.@-]+\/?)/.exec(line);
    if (found === null) return [];
    const depth = found[1]!.length;
    while (above.length > 0 && above.at(-1)!.depth >= depth) above.pop();
    const path = [...above.map(({ name }) => name), found[2]!].join('');
    if (found[2]!.endsWith('/')) above.push({ depth, name: found[2]! });
    return [path];
  });
};

export const files = filesBelow();
export const code = files.filter((path) => /[.](ts|mjs|svelte|sql)$/.test(path));
export const texts = files.filter((path) => /[.](ts|mjs|js|svelte|sql|css|md|json|yml|html)$/.test(path));

/** Lines of the files that hold something, as `path:line`. */
export const linesWith = (paths: readonly string[], holds: (line: string) => boolean): string[] =>
  paths.flatMap((path) =>
    textOf(path)
      .split('\n')
      .flatMap((line, index) => (holds(line) ? [`${path}:${index + 1}`] : [])),
  );
