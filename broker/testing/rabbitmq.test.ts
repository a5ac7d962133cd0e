import { existsSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startRabbit } from './rabbitmq.ts';

it('a server that does not start in time is stopped before its folder goes; no dump is left', async () => {
  const folder = join(mkdtempSync(join(tmpdir(), 'payloom-rabbit-test-')), 'server');
  await expect(startRabbit({ folder, bootLimitMs: 300 })).rejects.toThrow('RabbitMQ did not start');
  expect(existsSync(folder)).toBe(false);
  expect(existsSync('erl_crash.dump')).toBe(false);
}, 60_000);
