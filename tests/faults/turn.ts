import { spawnSync } from 'node:child_process';

const DAY_MS = 86_400_000;

/**
 * The turn of this commit, from its hash; without git the turn of this day. The same commit has the same
 * turn. `TEST_TURN=2 npm test` takes turn 2.
 * @returns its number from 0 and a text that says where it comes from
 */
export const turnOfCommit = (count: number): { turn: number; source: string } => {
  const asked = process.env['TEST_TURN'];
  if (asked !== undefined && /^[1-9]\d*$/.test(asked))
    return { turn: (Number(asked) - 1) % count, source: `TEST_TURN=${asked}` };
  const { status, stdout } = spawnSync('git', ['rev-parse', 'HEAD'], {
    cwd: import.meta.dirname,
    encoding: 'utf8',
  });
  const hash = status === 0 ? stdout.trim().slice(0, 8) : '';
  if (/^[0-9a-f]{8}$/.test(hash))
    return { turn: Number.parseInt(hash, 16) % count, source: `commit ${hash}` };
  const day = new Date().toISOString().slice(0, 10);
  return { turn: Math.floor(Date.parse(day) / DAY_MS) % count, source: day };
};
