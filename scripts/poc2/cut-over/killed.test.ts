import { setTimeout as sleep } from 'node:timers/promises';
import { closeTargets, openTargets } from '../copy/targets.ts';
import { installChangeLog } from '../follow/change-log.ts';
import { seededRandom } from '../../seed/random.ts';
import {
  copyInto,
  resumedDifferences,
  targetSystem,
  verifyIn,
  type TargetSystem,
} from '../testing/copying.ts';
import { killsOf, printKills } from '../testing/kills.ts';
import { lostIn, startWriting } from '../testing/poc2-app.ts';
import { startPoc2 } from '../testing/poc2-process.ts';
import { sampleSource, type SampleSource } from '../testing/sample-source.ts';

let source: SampleSource;
let system: TargetSystem;
beforeAll(async () => {
  source = await sampleSource(100, 300);
  await installChangeLog(source.url);
  system = await targetSystem();
  await copyInto(system, source.url, { nowMs: Date.now(), batchRows: 1_000 });
});
afterAll(async () => {
  await system.close();
  await source.drop();
});

const KILLS = killsOf(4);

test(
  'killed at any moments, the same command ends with everything that POC-2 has acknowledged',
  async () => {
    const random = seededRandom(16);
    const app = await startWriting(source.url, 50);
    const started = performance.now();
    const whole = startPoc2(system, source.url, ['follow', '--once']);
    expect(await whole.exited).toMatchObject({ code: 0 });
    // A cut-over takes some of these.
    const unitMs = performance.now() - started;
    // The earliest first: once a cut-over is complete there is nothing left to kill.
    const delaysMs = Array.from({ length: KILLS }, () => unitMs * (0.7 + 1.3 * random())).sort(
      (a, b) => a - b,
    );
    let killed = 0;
    for (const delayMs of delaysMs) {
      const { kill, exited } = startPoc2(system, source.url, ['cut-over']);
      await sleep(delayMs);
      kill();
      if ((await exited).signal === 'SIGKILL') killed += 1;
      expect(await resumedDifferences(system, source.url)).toEqual([]);
    }
    expect(killed).toBeGreaterThan(0);
    const last = await startPoc2(system, source.url, ['cut-over']).exited;
    expect([last.code, last.problem]).toEqual([0, '']);
    await app.stop();
    const targets = await openTargets(system.env);
    expect(await lostIn(targets, app.acknowledged)).toEqual([]);
    await closeTargets(targets);
    expect((await verifyIn(system, source.url)).findings.shown).toEqual([]);
    const { users, payments } = app.acknowledged;
    printKills(
      `cut-over: ${killed} times killed -9, resumed and verified without a difference each time; ` +
        `${users.size} users and ${payments.size} payments acknowledged by POC-2, 0 lost`,
    );
  },
  120_000 + KILLS * 15_000,
);
