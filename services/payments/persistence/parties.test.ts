import type { Queryable } from '../../../broker/postgres/database.ts';
import type { UserId } from '../../../shared/contracts/ids.ts';
import { saveFetchedParty, type KnownParty } from './parties.ts';

const ADA: KnownParty = {
  id: 'usr_ada' as UserId,
  email: 'ada@example.com',
  name: 'Ada',
  role: 'VENDOR',
  status: 'active',
  version: 1,
};
const taken = (constraint: string) =>
  Object.assign(new Error('duplicate key'), { code: '23505', constraint });

/** A database whose statements end in the given order: well, or with an error. */
const databaseThat = (...ends: (Error | null)[]) => {
  const left = [...ends];
  const query = async () => {
    const end = left.shift();
    if (end) throw end;
    return [];
  };
  return { db: { query } as Queryable, left };
};

describe('a party fetched from auth', () => {
  it('is written again when its event is written at the same time', async () => {
    const { db, left } = databaseThat(taken('parties_email'), null);
    await saveFetchedParty(db, ADA);
    expect(left).toEqual([]);
  });

  it("under another party's address is refused with Retry-After", async () => {
    const { db } = databaseThat(taken('parties_email'), taken('parties_email'));
    await expect(saveFetchedParty(db, ADA)).rejects.toMatchObject({
      code: 'unavailable',
      data: { retryAfterS: 1 },
    });
  });

  it.each([
    [[taken('parties_pkey')]],
    [[new Error('no table')]],
    [[taken('parties_email'), new Error('gone')]],
  ])('fails as its statement does: %s', async (ends) => {
    await expect(saveFetchedParty(databaseThat(...ends).db, ADA)).rejects.toBe(ends.at(-1));
  });
});
