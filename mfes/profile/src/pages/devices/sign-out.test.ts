import type { Client } from '../../../../../shared/client/client.ts';
import { ProblemError } from '../../../../../shared/client/problem.ts';
import type { Session } from '../../../../../shared/contracts/auth/auth.ts';
import type { ErrorCode } from '../../../../../shared/contracts/errors.ts';
import { endCurrent, endOthers, endSession } from './sign-out.ts';

const session = { id: 'ses_1' as Session['id'] };

/** A client whose server answers everything alike, and what it was asked. */
const answering = (answer: object | ErrorCode) => {
  const asked: [name: string, params: unknown][] = [];
  const call = async ({ name }: { name: string }, params: unknown): Promise<unknown> => {
    asked.push([name, params]);
    if (typeof answer === 'object') return answer;
    const problem = { type: 'about:blank', title: answer, status: 400, detail: '', code: answer };
    throw new ProblemError({ ...problem, requestId: 'r' });
  };
  return { client: { call } as unknown as Client, asked };
};

describe('a sign-out', () => {
  it('of another device names it', async () => {
    const { client, asked } = answering({});
    await endSession(client, session);
    expect(asked).toEqual([['auth.endSession', { id: 'ses_1' }]]);
  });

  it('of another device that has ended already is no failure', async () => {
    await expect(endSession(answering('session_not_found').client, session)).resolves.toBeUndefined();
  });

  it('of every other device says how many there were', async () => {
    await expect(endOthers(answering({ ended: 3 }).client)).resolves.toBe(3);
  });

  it('of this device is the sign-out, which clears its cookies', async () => {
    const { client, asked } = answering({});
    await endCurrent(client);
    expect(asked).toEqual([['auth.logout', {}]]);
  });

  it.each(['unauthenticated', 'token_expired', 'session_ended'] as const)(
    'of this device is no failure where it is over already: %s',
    async (code) => {
      await expect(endCurrent(answering(code).client)).resolves.toBeUndefined();
    },
  );

  it.each([
    ['one', (client: Client) => endSession(client, session)],
    ['the others', endOthers],
    ['this one', endCurrent],
  ] as const)('fails as the server says: %s', async (_, end) => {
    await expect(end(answering('unavailable').client)).rejects.toMatchObject({
      problem: { code: 'unavailable' },
    });
  });
});
