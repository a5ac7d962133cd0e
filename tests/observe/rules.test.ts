import { execFileSync } from 'node:child_process';
import { existsSync, globSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { findServices } from '../../broker/process/find-services.ts';
import {
  alerts,
  definedMetrics,
  documentedMetrics,
  keptMetrics,
  root,
  ruleFiles,
  textOf,
} from './documents.ts';

const promtool = (...args: string[]): string =>
  execFileSync('promtool', args, { cwd: join(root, 'docker/prometheus'), encoding: 'utf8' });

describe('docs/metrics.md', () => {
  it('has a row for each metric of the code, and no other', () => {
    expect(definedMetrics.size).toBeGreaterThan(30);
    expect([...documentedMetrics.keys()].sort()).toEqual([...definedMetrics.keys()].sort());
  });

  it('names the metrics of prom-client that are kept', () => {
    expect(keptMetrics.length).toBeGreaterThan(8);
    const text = textOf('docs/metrics.md');
    expect(keptMetrics.filter((name) => !text.includes(`\`${name}\``))).toEqual([]);
  });

  it('names for each metric the test that moves it', () => {
    const tests = [...documentedMetrics].filter(([, movedBy]) => movedBy !== 'stack');
    expect(
      tests.filter(([name, path]) => !existsSync(join(root, path)) || !textOf(path).includes(name)),
    ).toEqual([]);
  });
});

describe('alerts', () => {
  it('are valid in the Prometheus of this machine, as is the configuration of the containers', () => {
    const rules = ruleFiles.map((path) => path.slice('docker/prometheus/'.length));
    expect(promtool('check', 'rules', ...rules, 'replicas.yml')).not.toContain('FAILED');
    expect(promtool('check', 'config', 'prometheus.yml')).not.toContain('FAILED');
  });

  it('fire for what they are about and not for what is normal', () => {
    const tested = globSync('docker/prometheus/tests/*.yml', { cwd: root });
    for (const path of tested)
      expect(promtool('test', 'rules', path.slice('docker/prometheus/'.length))).toContain('SUCCESS');
    const text = tested.map(textOf).join('\n');
    expect(alerts.map(({ alert }) => alert).filter((name) => !text.includes(`${name}\n`))).toEqual([]);
  });

  it('of the containers expect replicas of every service that is on; Prometheus looks for all', async () => {
    const on = (await findServices({})).map(({ contract }) => contract.service);
    const expected = textOf('docker/prometheus/replicas.yml');
    for (const service of on) expect(expected).toContain(`{ job: ${service} }`);
    for (const service of readdirSync(join(root, 'services')))
      expect(textOf('docker/prometheus/prometheus.yml')).toMatch(new RegExp(`names: .*\\b${service}\\b`));
  });

  it('use metrics that exist', () => {
    const used = ruleFiles.flatMap((path) =>
      [...textOf(path).matchAll(/\bpayloom_\w+/g)].map(([name]) => name.replace(/_(bucket|count|sum)$/, '')),
    );
    expect([...new Set(used)].filter((name) => !definedMetrics.has(name))).toEqual([]);
  });

  it.each(alerts.map((alert) => [alert.alert, alert] as const))(
    '%s has a runbook of one screen that is about it',
    (name, { annotations: { runbook }, labels: { severity } }) => {
      expect(['page', 'ticket']).toContain(severity);
      const text = textOf(runbook);
      expect(text).toContain(name);
      expect(text.split('\n').length).toBeLessThanOrEqual(60);
      for (const part of ['## What it means', '## How to see it', '## What to do'])
        expect(text).toContain(part);
    },
  );
});
