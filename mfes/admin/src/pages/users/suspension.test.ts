import type { Client } from '../../../../../shared/client/client.ts';
import { ProblemError } from '../../../../../shared/client/problem.ts';
import type { Problem } from '../../../../../shared/contracts/errors.ts';
import type { UserId } from '../../../../../shared/contracts/ids.ts';
import { outcomeText, previewSuspension, summary, suspendAll, type Outcome } from './suspension.ts';

const IDS = Array.from({ length: 205 }, (_, n) => `usr_${n}` as UserId);
type Sent = { ids: UserId[]; preview?: boolean; reason: string };

const clientOf = (sent: Sent[], failsAt = Infinity) =>
  ({
    call: async (_action: unknown, request: Sent) => {
      if (sent.length === failsAt) throw new Error('lost');
      sent.push(request);
      return { items: request.ids.map((id) => ({ id, outcome: 'suspended', code: null })) };
    },
  }) as unknown as Client;

it('previews in requests of at most 100, each user once', async () => {
  const sent: Sent[] = [];
  expect(await previewSuspension(clientOf(sent), IDS)).toHaveLength(205);
  expect(sent.map(({ ids, preview }) => [ids.length, preview])).toEqual([
    [69, true],
    [69, true],
    [67, true],
  ]);
  expect(sent.flatMap(({ ids }) => ids)).toEqual(IDS);
});

it('leaves no rest that is small enough to need no approval', async () => {
  const sizesOf = async (count: number) => {
    const sent: Sent[] = [];
    await suspendAll(clientOf(sent), IDS.slice(0, count), 'Fraud', () => {});
    return sent.map(({ ids }) => ids.length);
  };
  expect(await Promise.all([0, 1, 100, 101, 105, 201].map(sizesOf))).toEqual([
    [],
    [1],
    [100],
    [51, 50],
    [53, 52],
    [67, 67, 67],
  ]);
});

it('asks again for those of the next request when one waits for an approval', async () => {
  const sent: Sent[] = [];
  const client = {
    call: async (_action: unknown, { ids }: Sent) => {
      sent.push({ ids, reason: 'Fraud' });
      if (ids.length > 68) throw new ProblemError({ code: 'approval_needed' } as Problem);
      return { items: ids.map((id) => ({ id, outcome: 'suspended', code: null })) };
    },
  } as unknown as Client;
  const done: string[] = [];
  const take = (items: readonly Outcome[]) => done.push(...items.map(({ id }) => id));
  expect(await suspendAll(client, IDS, 'Fraud', take)).toBe(true);
  expect(sent.map(({ ids }) => ids.length)).toEqual([69, 69, 67]);
  expect(done).toEqual(IDS.slice(138));
});

it('suspends in as few requests as possible; what was done before a failure is reported', async () => {
  const sent: Sent[] = [];
  const done: string[] = [];
  const run = suspendAll(clientOf(sent, 2), IDS, 'Fraud', (items) => done.push(...items.map(({ id }) => id)));
  await expect(run).rejects.toThrow('lost');
  expect(done).toEqual(IDS.slice(0, 138));
  expect(sent.every(({ preview, reason }) => preview === undefined && reason === 'Fraud')).toBe(true);
});

it('says what will happen and what has happened', () => {
  const of = (outcome: Outcome['outcome'], code: string | null = null) => ({ id: IDS[0]!, outcome, code });
  const outcomes = [of('suspended'), of('suspended'), of('unchanged'), of('refused', 'last_admin')];
  expect(summary(outcomes, false)).toBe(
    '2 users will be suspended. 1 user is suspended already. 1 user cannot be suspended.',
  );
  expect(summary([of('suspended')], true)).toBe('1 user was suspended.');
  expect(outcomeText(of('refused', 'own_account'), true)).toMatch('your own account');
  expect(outcomeText(of('suspended'), false)).toBe('Will be suspended.');
});
