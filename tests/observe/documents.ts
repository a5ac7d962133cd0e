import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';

export const root = join(import.meta.dirname, '../..');
export const textOf = (path: string): string => readFileSync(join(root, path), 'utf8');

export type Alert = {
  alert: string;
  expr: string;
  for?: string;
  labels: { severity: string };
  annotations: { summary: string; runbook: string };
};

type Rules = { groups: { rules: (Alert | { record: string; expr: string })[] }[] };

export const ruleFiles = globSync('docker/prometheus/rules/*.yml', { cwd: root });

/** All alerts of docker/prometheus/rules. */
export const alerts: readonly Alert[] = ruleFiles
  .flatMap((path) => (parse(textOf(path)) as Rules).groups)
  .flatMap(({ rules }) => rules)
  .filter((rule): rule is Alert => 'alert' in rule);

/** The metrics that the code defines, by name, with their file. */
export const definedMetrics: ReadonlyMap<string, string> = new Map(
  globSync('{broker,services}/**/*.ts', { cwd: root })
    .filter((path) => !path.includes('test'))
    .flatMap((path) =>
      [...textOf(path).matchAll(/name: '(payloom_\w+)'/g)].map(([, name = '']) => [name, path] as const),
    ),
);

/** prom-client's own metrics that are kept. */
export const keptMetrics: readonly string[] = [
  ...textOf('broker/telemetry/runtime-metrics.ts').matchAll(/^ {2}'((?:process|nodejs)_\w+)',$/gm),
].map(([, name = '']) => name);

/** The rows of docs/metrics.md: a metric, and what moves it (`stack`, or the path of a test). */
export const documentedMetrics: ReadonlyMap<string, string> = new Map(
  [...textOf('docs/metrics.md').matchAll(/^\| `(payloom_\w+)`.*\| *([^|]+?) *\|$/gm)].map(
    ([, name = '', movedBy = '']) => [name, movedBy.replaceAll('`', '')],
  ),
);
