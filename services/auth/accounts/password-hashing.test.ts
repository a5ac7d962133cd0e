import { createPasswordHashing, type PasswordHashing } from './password-hashing.ts';

const PASSWORD = 'Caf\u00e9-at-Nine-9';

/** The CPU time of the cheapest run, which other load does not change. */
const cpuUs = async (run: () => Promise<unknown>, runs: number): Promise<number> => {
  let cheapest = Number.POSITIVE_INFINITY;
  for (let index = 0; index < runs; index++) {
    const before = process.cpuUsage();
    await run();
    const { user, system } = process.cpuUsage(before);
    cheapest = Math.min(cheapest, user + system);
  }
  return cheapest;
};

describe('passwords', () => {
  let passwords: PasswordHashing;
  let hash: string;
  beforeAll(async () => {
    passwords = await createPasswordHashing();
    hash = await passwords.hash(PASSWORD);
  });

  it('are stored as argon2id with 19 MiB and two passes', () => {
    expect(hash).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
  });

  it('are salted: two hashes of one password differ', async () => {
    expect(await passwords.hash(PASSWORD)).not.toBe(hash);
  });

  it('match in every Unicode composition', async () => {
    expect(await passwords.verify(hash, PASSWORD.normalize('NFD'))).toBe(true);
    expect(await passwords.verify(hash, `${PASSWORD} `)).toBe(false);
  });

  it('of a burst are hashed up to the length of the queue; the others are refused at once', async () => {
    const all = await Promise.allSettled(Array.from({ length: 100 }, () => passwords.verify(hash, PASSWORD)));
    const refused = all.filter((one) => one.status === 'rejected');
    expect(all.length - refused.length).toBe(66);
    for (const { reason } of refused) expect(reason).toMatchObject({ code: 'unavailable' });
  });

  it('of an unknown account never match, at about the cost of a wrong password', async () => {
    expect(await passwords.verify(null, PASSWORD)).toBe(false);
    const wrong = await cpuUs(() => passwords.verify(hash, 'Wrong-Password-1'), 7);
    const unknown = await cpuUs(() => passwords.verify(null, 'Wrong-Password-1'), 7);
    expect(unknown / wrong).toBeGreaterThan(0.5);
    expect(unknown / wrong).toBeLessThan(2);
  });
});
