import { existsSync } from 'node:fs';
import { join } from 'node:path';
import * as everything from '../../shared/contracts/index.ts';
import type { Contract } from '../../shared/contracts/index.ts';
import { filesBelow, foldersIn, kebab, pathsInTree, root, textOf } from './files.ts';

const contracts = (Object.values(everything) as unknown[]).filter(
  (value): value is Contract =>
    typeof value === 'object' && value !== null && 'service' in value && 'events' in value,
);
const services = foldersIn('services');
const events = contracts.flatMap((contract) => Object.values(contract.events).map((event) => event.name));

const files = filesBelow();
const code = files.filter((path) => /[.](ts|mjs|svelte|sql)$/.test(path));
const texts = files.filter((path) => /[.](ts|mjs|js|svelte|sql|css|md|json|yml|html)$/.test(path));

/** Lines of the files that hold something, as `path:line`. */
const linesWith = (paths: readonly string[], holds: (line: string) => boolean): string[] =>
  paths.flatMap((path) =>
    textOf(path)
      .split('\n')
      .flatMap((line, index) => (holds(line) ? [`${path}:${index + 1}`] : [])),
  );

const scriptsIn = (folder: string): string[] =>
  files
    .filter((path) => path.startsWith(`${folder}/`) && path.endsWith('.ts') && !path.endsWith('.test.ts'))
    .map((path) => path.slice(folder.length + 1, -'.ts'.length));

describe('services', () => {
  it.each(contracts.map((contract) => [contract.service, contract] as const))(
    '%s has one file for each action of its contract',
    (service, contract) => {
      expect(scriptsIn(`services/${service}/actions`).sort()).toEqual(
        Object.keys(contract.actions).map(kebab).sort(),
      );
    },
  );

  it.each(services)('%s hears events that exist, one file for each, named after it', (service) => {
    const heard = scriptsIn(`services/${service}/subscribers`);
    const definition = textOf(`services/${service}/${service}.service.ts`);
    expect(heard.filter((event) => !events.includes(event))).toEqual([]);
    expect(heard.filter((event) => !definition.includes(`subscribers/${event}.ts`))).toEqual([]);
  });

  it.each(services)('%s says in its README what it owns, on one screen', (service) => {
    const path = `services/${service}/README.md`;
    expect(existsSync(join(root, path))).toBe(true);
    expect(textOf(path).split('\n').length).toBeLessThanOrEqual(80);
  });

  it.each(services)('%s has a service file that fits on a screen', (service) => {
    expect(textOf(`services/${service}/${service}.service.ts`).split('\n').length).toBeLessThanOrEqual(61);
  });
});

describe('the README', () => {
  const drawn = existsSync(join(root, 'README.md')) ? pathsInTree(textOf('README.md')) : [];

  it('draws in its tree every folder of the project and nothing else', () => {
    const top = drawn.filter((path) => /^[^/]+\/$/.test(path)).map((path) => path.slice(0, -1));
    expect(top.sort()).toEqual(foldersIn('.').sort());
  });

  it('draws only what is on disk', () => {
    expect(drawn.filter((path) => !existsSync(join(root, path)))).toEqual([]);
  });
});

describe('files', () => {
  it('have at most 300 lines', () => {
    expect(code.filter((path) => textOf(path).split('\n').length > 301)).toEqual([]);
  });

  it('have lines of at most 110 columns', () => {
    // A list of style classes and the path of a drawing cannot be broken.
    const isUnbreakable = (line: string) => /class(es)?=|^\s*(['"]?[\w-]+['"]?: )?'[MmLl]\d/.test(line);
    expect(linesWith(code, (line) => line.length > 110 && !isUnbreakable(line))).toEqual([]);
  });

  it('leave nothing to do for later', () => {
    const later = new RegExp(`\\b(${['TO' + 'DO', 'FIX' + 'ME'].join('|')})\\b`);
    expect(
      linesWith(
        texts.filter((path) => path !== 'package-lock.json'),
        (line) => later.test(line),
      ),
    ).toEqual([]);
  });

  it('hold no test that is left out and none that leaves out the others', () => {
    const leftOut = /\b(it|test|describe)[.](only|skip|fixme|todo)\b|\b(fit|xit|fdescribe|xdescribe)\(/;
    const tests = code.filter((path) => path.includes('.test.') || path.startsWith('tests/e2e/'));
    const others = tests.filter((path) => path !== 'tests/tidy/tidy.test.ts');
    expect(linesWith(others, (line) => leftOut.test(line))).toEqual([]);
  });

  it('mention nothing that lies outside the project', () => {
    const outside = new RegExp(
      [
        `/${'work'}/`,
        `\\b(${['DESIGN', 'BACKEND', 'FRONTEND', 'QUALITY'].join('|')})[.]md`,
        `"resol${'ved"'}: "http`,
      ].join('|'),
    );
    expect(linesWith(texts, (line) => outside.test(line))).toEqual([]);
  });

  it('have names in kebab-case; components are PascalCase', () => {
    const name = (path: string) => path.split('/').at(-1)!;
    const isWell = (path: string) =>
      path.endsWith('.svelte')
        ? /^[A-Z][A-Za-z0-9]*[.]svelte$/.test(name(path))
        : /^[.a-z0-9-]+$/.test(name(path));
    expect(code.filter((path) => !isWell(path))).toEqual([]);
  });

  it('have no name that says nothing', () => {
    const empty = /(^|[/.-])(utils?|helpers?|managers?|common|core|base|misc|dto|types?)[.](ts|svelte)$/;
    expect(code.filter((path) => empty.test(path))).toEqual([]);
  });
});
