import { cpSync, globSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse, stringify } from 'yaml';
import { logFileOf, root, type StackState } from '../folder.ts';
import { portsOf } from '../ports.ts';
import { findProgram, PROGRAMS } from '../programs.ts';
import { portAnswers, spawnUnit } from '../spawn-unit.ts';
import type { Unit } from '../unit.ts';

export const PROMETHEUS = 'prometheus';
const RULES = join(root, 'docker/prometheus/rules');
const RETENTION = '15d';
const SCRAPE_SECONDS = '5';
const REQUEST = Buffer.from('GET /-/ready HTTP/1.0\r\n\r\n');

export const prometheusUrlOf = ({ base }: StackState): string =>
  `http://127.0.0.1:${portsOf(base).prometheus}`;

const homeOf = (folder: string): string => join(folder, PROMETHEUS);

type Rules = { groups: { rules: { alert?: string; for?: string }[] }[] };

/** Copies the rules; a test shortens the time for which a condition must hold before its alert fires. */
const writeRules = (folder: string, holdSeconds: string | undefined): void => {
  const copies = join(homeOf(folder), 'rules');
  rmSync(copies, { recursive: true, force: true });
  cpSync(RULES, copies, { recursive: true });
  if (holdSeconds === undefined) return;
  for (const name of globSync('*.yml', { cwd: copies })) {
    const rules = parse(readFileSync(join(copies, name), 'utf8')) as Rules;
    for (const rule of rules.groups.flatMap((group) => group.rules))
      if (rule.alert !== undefined) rule.for = `${holdSeconds}s`;
    writeFileSync(join(copies, name), stringify(rules));
  }
};

/** The stack's overrides for `prometheus` are SCRAPE_SECONDS and FOR_SECONDS. */
const prepare = (folder: string, { overrides }: StackState): void => {
  const home = homeOf(folder);
  mkdirSync(home, { recursive: true, mode: 0o700 });
  const given = overrides[PROMETHEUS] ?? {};
  const interval = `${given['SCRAPE_SECONDS'] ?? SCRAPE_SECONDS}s`;
  const config = {
    global: { scrape_interval: interval, scrape_timeout: interval, evaluation_interval: interval },
    rule_files: ['rules/*.yml'],
    scrape_configs: [{ job_name: 'payloom', file_sd_configs: [{ files: ['targets.json'] }] }],
  };
  writeRules(folder, given['FOR_SECONDS']);
  writeFileSync(join(home, 'prometheus.yml'), stringify(config));
};

/** Names the processes that Prometheus reads, whether they run or not. It reads a new list at once. */
export const writeTargets = (folder: string, units: readonly Unit[]): void => {
  const targets = units.flatMap(({ name, service, metricsPort }) =>
    metricsPort === undefined
      ? []
      : [{ targets: [`127.0.0.1:${metricsPort}`], labels: { job: service, instance: name } }],
  );
  const file = join(homeOf(folder), 'targets.json');
  mkdirSync(homeOf(folder), { recursive: true, mode: 0o700 });
  writeFileSync(`${file}.new`, JSON.stringify(targets, null, 2));
  renameSync(`${file}.new`, file);
};

/** Prometheus with the alerts, beside the stack. */
export const prometheusUnit = (folder: string, state: StackState): Unit => {
  const { prometheus: port } = portsOf(state.base);
  const logFile = logFileOf(folder, PROMETHEUS);
  return {
    name: PROMETHEUS,
    kind: 'server',
    what: 'metrics and alerts',
    address: prometheusUrlOf(state),
    logFile,
    stopSignal: 'SIGTERM',
    launch: () => {
      prepare(folder, state);
      const home = homeOf(folder);
      return spawnUnit({
        file: findProgram(PROGRAMS.prometheus) ?? PROGRAMS.prometheus,
        args: [
          '--config.file=prometheus.yml',
          '--storage.tsdb.path=data',
          `--storage.tsdb.retention.time=${RETENTION}`,
          `--web.listen-address=127.0.0.1:${port}`,
        ],
        env: {},
        cwd: home,
        logFile,
      });
    },
    isReady: () => portAnswers(port, REQUEST, 'HTTP/1.0 200'),
  };
};
