import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventually } from '../../broker/testing/eventually.ts';
import { backoffMs, superviseUnit, type SupervisedUnit } from './supervise-unit.ts';
import { stopOrphans, writeProcessList } from './orphans.ts';
import { identityOf } from './process-identity.ts';
import { spawnUnit } from './spawn-unit.ts';
import type { Unit } from './unit.ts';

const RUNS = 'setInterval(() => {}, 1000)';
const IGNORES_SIGTERM = `process.on('SIGTERM', () => {}); ${RUNS}`;

describe('a supervised program', () => {
  let folder: string;
  let supervised: SupervisedUnit | undefined;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'payloom-supervise-'));
  });
  afterEach(async () => {
    await supervised?.stop('SIGKILL');
    supervised = undefined;
    rmSync(folder, { recursive: true, force: true });
  });

  /** A Node process; ready as long as the file `ready` exists. */
  const unit = (script: string): Unit => {
    const logFile = join(folder, 'log');
    writeFileSync(join(folder, 'ready'), '');
    const program = { file: process.execPath, args: ['-e', script], env: {}, cwd: folder, logFile };
    return {
      ...{ name: 'one', kind: 'process', what: 'a test', address: '-', logFile, stopSignal: 'SIGTERM' },
      launch: () => spawnUnit(program),
      isReady: async () => existsSync(join(folder, 'ready')),
    } as Unit;
  };
  const start = (script: string): SupervisedUnit => {
    supervised = superviseUnit(unit(script), { say: () => undefined, onChange: () => undefined });
    supervised.start();
    return supervised;
  };

  it('is started again when it is killed', async () => {
    const one = start(RUNS);
    await one.ready();
    const before = one.pid() ?? 0;
    process.kill(before, 'SIGKILL');
    await eventually(async () => {
      const { pid, state, restarts } = await one.status();
      return state === 'ready' && restarts === 1 && pid !== before;
    });
  });

  it('stays down once it was stopped', async () => {
    const one = start(RUNS);
    await one.ready();
    await one.stop();
    expect(await one.status()).toMatchObject({ state: 'stopped', pid: null, restarts: 0 });
    one.start();
    await one.ready();
  });

  it('is stopped while it waits for its next start', async () => {
    const one = start('process.exit(1)');
    rmSync(join(folder, 'ready'));
    await eventually(async () => (await one.status()).restarts > 2);
    await one.stop();
    expect((await one.status()).state).toBe('stopped');
  });

  it('reports its last output when it ends at its start', async () => {
    const one = start(
      'console.log(`{"msg":"noise"}`); console.error("The key\\n  is missing"); process.exit(3)',
    );
    rmSync(join(folder, 'ready'));
    await expect(one.ready()).rejects.toThrow(
      'one does not start: it ended (code 3) at its start: The key is',
    );
  });

  it('is started again after pauses that grow to five seconds', () => {
    expect([0, 1, 2, 3, 20].map(backoffMs)).toEqual([0, 100, 200, 400, 5_000]);
  });

  it('is not ready while it runs but does not serve', async () => {
    const one = start(RUNS);
    await one.ready();
    rmSync(join(folder, 'ready'));
    expect((await one.status()).state).toBe('not ready');
  });

  it('is ended as an orphan when its supervisor is gone; another process with its id is not', async () => {
    const one = start(IGNORES_SIGTERM);
    await one.ready();
    const pid = one.pid() ?? 0;
    const fixed = { name: 'one', kind: 'process', signal: 'SIGKILL' } as const;
    writeProcessList(folder, [{ ...fixed, pid, identity: 'another start' }]);
    expect(await stopOrphans(folder)).toBe(0);
    expect(one.pid()).toBe(pid);
    writeProcessList(folder, [{ ...fixed, pid, identity: identityOf(pid) ?? '' }]);
    expect(await stopOrphans(folder)).toBe(1);
    expect(identityOf(pid)).toBeNull();
  });
});
