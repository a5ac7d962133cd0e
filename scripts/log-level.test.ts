import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

test('a program that has got the process id of an instance that was killed gets no signal', () => {
  const folder = mkdtempSync(join(tmpdir(), 'payloom-level-'));
  const other = spawn('sleep', ['60']);
  try {
    writeFileSync(join(folder, 'running.pid'), String(other.pid));
    const env = { PATH: process.env['PATH'] ?? '', DATA_FOLDER: folder };
    const done = spawnSync(process.execPath, ['scripts/log-level.ts', 'payments', 'debug'], {
      env,
      encoding: 'utf8',
    });
    expect(done.stderr).toBe(`log-level: no instance runs on ${folder}\n`);
    expect(done.status).toBe(1);
    expect(other.kill(0)).toBe(true);
  } finally {
    other.kill();
    rmSync(folder, { recursive: true });
  }
});
