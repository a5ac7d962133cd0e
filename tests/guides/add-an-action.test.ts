// Follows the README's "Add an action in an hour" to the letter, in a copy of the tree.
import { execFile } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';
import { root, textOf } from '../tidy/files.ts';

const run = promisify(execFile);
const LEFT_OUT = ['node_modules', '.git', '.payloom', 'dist', 'test-results'];

let copy: string;
beforeAll(() => {
  copy = mkdtempSync(join(tmpdir(), 'payloom-guide-'));
  cpSync(root, copy, { recursive: true, filter: (path) => !LEFT_OUT.includes(basename(path)) });
  symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'));
});
afterAll(() => rmSync(copy, { recursive: true, force: true }));

const section = (): string => {
  const text = /## Add an action in an hour\n([\s\S]*?)\n## /.exec(textOf('README.md'))?.[1];
  if (text === undefined) throw new Error('the README has no section "Add an action in an hour"');
  return text;
};

/**
 * What the guide says to do, in its order: "New file `path`:" or "In `path`, before `line`:" above a block.
 */
const STEP = /(?:New file `([^`]+)`|In `([^`]+)`, before `([^`]+)`):\n+( *)```ts\n([\s\S]*?)\n *```/g;
/** "In `path`, replace `text` with `text`". */
const REPLACEMENT = /In `([^`]+)`, replace `([^`]+)` with `([^`]+)`/g;

const edit = (path: string, change: (text: string) => string): void => {
  const file = join(copy, path);
  writeFileSync(file, change(readFileSync(file, 'utf8')));
};

const insertBefore = (text: string, line: string, added: string): string => {
  const lines = text.split('\n');
  const at = lines.findIndex((one) => one.trim().startsWith(line));
  if (at < 0) throw new Error(`no line starts with ${line}`);
  const indent = /^ */.exec(lines[at]!)![0];
  return lines.toSpliced(at, 0, ...added.split('\n').map((one) => (one ? indent + one : one))).join('\n');
};

const follow = (text: string): string[] => {
  const paths: string[] = [];
  for (const [, made, path, line, indent, code] of text.matchAll(STEP)) {
    const added = code!.replaceAll(new RegExp(`^${indent}`, 'gm'), '');
    if (made) writeFileSync(join(copy, made), `${added}\n`);
    else edit(path!, (before) => insertBefore(before, line!, added));
    paths.push((made ?? path)!);
  }
  for (const [, path, from, to] of text.matchAll(REPLACEMENT)) {
    edit(path!, (before) => {
      if (!before.includes(from!)) throw new Error(`${path} does not contain ${from}`);
      return before.replace(from!, to!);
    });
    paths.push(path!);
  }
  return paths;
};

const node = (...args: string[]) =>
  run(process.execPath, args, { cwd: copy, env: { ...process.env, NODE_OPTIONS: '' }, maxBuffer: 1e8 }).catch(
    (error: { stdout: string; stderr: string }) => {
      throw new Error(`${args.join(' ')}\n${error.stdout}\n${error.stderr}`);
    },
  );
const jest = (...args: string[]) =>
  node('--experimental-vm-modules', 'node_modules/jest/bin/jest.js', '--silent', ...args);

it('the guide adds an action that compiles, passes its test and the access matrix', async () => {
  const paths = follow(section());
  expect(paths).toEqual(
    expect.arrayContaining([
      'shared/contracts/payments.ts',
      'services/payments/actions/rename.ts',
      'services/payments/payments.service.ts',
      'services/payments/rename.test.ts',
      'tests/security/access-rows.ts',
    ]),
  );
  await node('node_modules/@typescript/native/bin/tsc', '-p', '.');
  await jest('services/payments/rename.test.ts', 'tests/tidy/tidy.test.ts', 'services/gateway/documents');
  await jest('tests/security/access-matrix.test.ts', '-t', 'payments.rename');
}, 180_000);
