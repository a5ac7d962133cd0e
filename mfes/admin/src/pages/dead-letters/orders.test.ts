import type { DeadLetterRun } from '../../../../../shared/contracts/admin/dead-letters.ts';
import { runText } from './orders.ts';

const run = (over: Partial<DeadLetterRun>): DeadLetterRun =>
  ({
    act: 'replay',
    count: 500,
    done: 0,
    gone: 0,
    finishedAt: null,
    problem: null,
    ...over,
  }) as DeadLetterRun;
const finishedAt = '2026-11-23T09:30:00.000Z';

it.each<[Partial<DeadLetterRun>, string]>([
  [{ done: 100 }, 'Replaying: 100 of 500.'],
  [
    { done: 100, problem: 'realtime does not answer' },
    'Replaying: 100 of 500. It waits: realtime does not answer.',
  ],
  [{ done: 500, finishedAt }, '500 dead letters replayed.'],
  [
    { act: 'discard', count: 2, done: 1, gone: 1, finishedAt },
    '1 dead letter discarded. 1 was no longer there.',
  ],
  [
    { done: 200, finishedAt, problem: 'realtime does not answer' },
    '200 dead letters replayed. 300 are left, because realtime does not answer.',
  ],
])('a run that is %j says: %s', (over, text) => expect(runText(run(over))).toBe(text));
