import { makePasswords, type Passwords } from './passwords.ts';

const PASSWORD = 'Caf\u00e9-at-Nine-9';

const fastestMs = async (run: () => Promise<unknown>, runs: number): Promise<number> => {
  let fastest = Number.POSITIVE_INFINITY;
  for (let index = 0; index < runs; index++) {
    const startedMs = performance.now();
    await run();
    fastest = Math.min(fastest, performance.now() - startedMs);
  }
  return fastest;
};

describe('passwords', () => {
  let passwords: Passwords;
  let hash: string;
  beforeAll(async () => {
    passwords = await makePasswords();
    hash = await passwords.hash(PASSWORD);
  });

  it('are kept as argon2id with 19 MiB and two passes', () => {
    expect(hash).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
  });

  it('are salted: the same one hashes differently each time', async () => {
    expect(await passwords.hash(PASSWORD)).not.toBe(hash);
  });

  it('match however the keyboard composed their letters', async () => {
    expect(await passwords.verify(hash, PASSWORD.normalize('NFD'))).toBe(true);
    expect(await passwords.verify(hash, `${PASSWORD} `)).toBe(false);
  });

  it('of nobody never match, in about the time of a wrong one', async () => {
    expect(await passwords.verify(null, PASSWORD)).toBe(false);
    const wrongMs = await fastestMs(() => passwords.verify(hash, 'Wrong-Password-1'), 7);
    const nobodyMs = await fastestMs(() => passwords.verify(null, 'Wrong-Password-1'), 7);
    expect(nobodyMs / wrongMs).toBeGreaterThan(0.5);
    expect(nobodyMs / wrongMs).toBeLessThan(2);
  });
});
