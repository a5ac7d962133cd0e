import { existsSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startRabbit } from './rabbitmq.ts';

// One that has just begun to boot misses the signal to stop, and is killed.
it.each([100, 300])(
  'a server that does not start in %i ms ends before its folder goes; no dump is left',
  async (bootLimitMs) => {
    const folder = join(mkdtempSync(join(tmpdir(), 'payloom-rabbit-test-')), 'server');
    await expect(startRabbit({ folder, bootLimitMs })).rejects.toThrow('RabbitMQ did not start');
    expect(existsSync(folder)).toBe(false);
    expect(existsSync('erl_crash.dump')).toBe(false);
  },
  60_000,
);
