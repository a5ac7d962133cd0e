import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { cruise, type ICruiseOptions, type ICruiseResult, type IForbiddenRuleType } from 'dependency-cruiser';

const root = join(import.meta.dirname, '../..');
const fixtures = join(import.meta.dirname, 'fixtures');
const { default: config } = (await import(pathToFileURL(join(root, '.dependency-cruiser.mjs')).href)) as {
  default: { forbidden: (IForbiddenRuleType & { name: string })[]; options: ICruiseOptions };
};
const rules = config.forbidden.map((rule) => rule.name);

/** Names of the rules that the code below this folder breaks, with the file that breaks them. */
const violationsBelow = async (baseDir: string): Promise<string[]> => {
  const folders = ['broker', 'services', 'shared', 'mfes'].filter((folder) =>
    existsSync(join(baseDir, folder)),
  );
  const { output } = await cruise(folders, {
    ...config.options,
    baseDir,
    validate: true,
    ruleSet: { forbidden: config.forbidden },
  });
  return (output as ICruiseResult).summary.violations.map(
    ({ rule, from, to }) => `${rule.name}: ${from} → ${to}`,
  );
};

describe('the borders between services', () => {
  it('are kept by the tree', async () => {
    expect(await violationsBelow(root)).toEqual([]);
  });

  it('have a planted violation for each rule', () => {
    expect(readdirSync(fixtures).sort()).toEqual([...rules].sort());
  });

  it.each(rules)('%s bites', async (rule) => {
    const violations = await violationsBelow(join(fixtures, rule));
    expect(violations.map((violation) => violation.split(':')[0])).toContain(rule);
  });
});
