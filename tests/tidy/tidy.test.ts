import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { CONTRACTS } from '../../shared/contracts/all.ts';
import { code, files, foldersIn, kebab, linesWith, pathsInTree, root, texts, textOf } from './files.ts';

const services = foldersIn('services');

const scriptsIn = (folder: string): string[] =>
  files
    .filter(
      (path) => path.startsWith(`${folder}/`) && path.endsWith('.ts') && !/[.]test(-d)?[.]ts$/.test(path),
    )
    .map((path) => path.slice(folder.length + 1, -'.ts'.length));

/** Folders and files that every service may have, beside tests and folders of its own trade. */
const SHAPE = ['README.md', 'config.ts', 'metrics.ts', 'demo.ts'];
const FOLDERS = ['actions', 'domain', 'jobs', 'migrations', 'persistence', 'subscribers', 'testing'];

describe('services', () => {
  it.each(CONTRACTS.map((contract) => [contract.service, contract] as const))(
    '%s has one file for each action of its contract',
    (service, contract) => {
      const names = scriptsIn(`services/${service}/actions`).map((path) => path.split('/').at(-1));
      expect(names.sort()).toEqual(Object.keys(contract.actions).map(kebab).sort());
    },
  );

  it.each(services)('%s has a subscriber file for each publisher, and uses it', (service) => {
    const publishers = scriptsIn(`services/${service}/subscribers`);
    const definition = textOf(`services/${service}/${service}.service.ts`);
    expect(publishers.filter((publisher) => !services.includes(publisher))).toEqual([]);
    expect(publishers.filter((publisher) => !definition.includes(`subscribers/${publisher}.ts`))).toEqual([]);
  });

  it.each(services)('%s has the common shape', (service) => {
    const own = [`${service}.service.ts`, `${service}.ts`];
    const entries = readdirSync(join(root, 'services', service), { withFileTypes: true });
    const names = entries.map(({ name }) => name);
    expect([...own, 'README.md', 'config.ts'].filter((name) => !names.includes(name))).toEqual([]);
    const loose = entries.filter(
      ({ name }) =>
        name.endsWith('.ts') && !/[.]test(-d)?[.]ts$/.test(name) && ![...own, ...SHAPE].includes(name),
    );
    expect(loose.map(({ name }) => name)).toEqual([]);
    const trades = entries.filter((entry) => entry.isDirectory() && !FOLDERS.includes(entry.name));
    expect(trades.length).toBeLessThanOrEqual(7);
  });

  // Two numbers of admin were given twice, and databases know these migrations by their names.
  it.each(services)('%s gives each number to one migration', (service) => {
    const numbers = files
      .filter((path) => path.startsWith(`services/${service}/migrations/`))
      .map((path) => path.split('/').at(-1)?.slice(0, 4) ?? '');
    const given =
      service === 'admin' ? numbers.filter((number) => !['0003', '0004'].includes(number)) : numbers;
    expect(given.filter((number, at) => given.indexOf(number) !== at)).toEqual([]);
  });

  it.each(services)('%s has no timer of its own: periodic work is a job', (service) => {
    const own = code.filter((path) => path.startsWith(`services/${service}/`) && !path.includes('test'));
    const timers = linesWith(own, (line) => line.includes('setInterval('));
    // Per-process work in memory, at intervals of seconds.
    expect(timers.filter((line) => !/^services\/realtime\/sockets\//.test(line))).toEqual([]);
  });

  it.each(services)('%s says in its README what it owns, on one screen', (service) => {
    const path = `services/${service}/README.md`;
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
