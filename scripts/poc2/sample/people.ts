import type { TableRows } from '../../seed/bulk-load.ts';
import { seededPeople } from '../../seed/people.ts';
import { choose, seededRandom, type Random } from '../../seed/random.ts';
import { hexText, irregularOf, timeText, uuidOf } from './draw.ts';

export type SamplePerson = {
  id: string;
  email: string;
  name: string;
  role: string;
  createdMs: number;
  passwordHash: string;
};

/** `TestPassword123!`, the password of POC-2's demo accounts, by bcrypt with cost 10. */
const PASSWORD_HASH = '$2b$10$ZAFTJXwMZHgcAfloJlp72.Ooq9P9N0LerQGi8EixtGEUAP/8g1FpO';
const DAY_MS = 86_400_000;

type Change = (
  person: SamplePerson,
  earlier: readonly SamplePerson[],
  random: Random,
) => Partial<SamplePerson>;

/** What is unusual in some users. */
const IRREGULAR: readonly Change[] = [
  (_, earlier, random) => ({ email: choose(random, earlier).email.toUpperCase() }),
  ({ name }) => ({ name: `${name} ${'van der '.repeat(14)}Berg` }),
  ({ name }) => ({ name: `${name}\u0007\u200b` }),
  () => ({ name: ' ' }),
  (_, __, random) => ({ passwordHash: `sha1:${hexText(random, 40)}` }),
  () => ({ passwordHash: '' }),
  ({ email }) => ({ email: email.replace('@', ' at ') }),
  ({ email }) => ({ email: ` ${email}` }),
  ({ email }) => ({ email: email.replace('@', '@bücher.') }),
  ({ createdMs }) => ({ createdMs: createdMs + 3_650 * DAY_MS }),
];

/** Users of two years: every fifth a vendor, the first an administrator. */
export const samplePeople = (count: number, seed: number, nowMs: number): SamplePerson[] => {
  const random = seededRandom(seed ^ 0x0f0c2);
  const people: SamplePerson[] = [];
  for (const [number, { email, name, role, createdMs }] of seededPeople(count, seed, nowMs).entries()) {
    const person: SamplePerson = {
      ...{ id: uuidOf(random), email, name, createdMs, passwordHash: PASSWORD_HASH },
      role: number === 0 ? 'ADMIN' : role,
    };
    const change = number === 0 ? null : irregularOf(IRREGULAR, number, count);
    people.push(change ? { ...person, ...change(person, people, random) } : person);
  }
  // An address can be drawn twice: the source allows each once.
  const seen = new Set<string>();
  return people.map((person) => {
    const email = seen.has(person.email) ? `${person.email.toLowerCase()}.org` : person.email;
    seen.add(email);
    return { ...person, email };
  });
};

export const userRows = (people: readonly SamplePerson[]): TableRows => ({
  table: 'users',
  columns: ['id', 'email', 'password_hash', 'name', 'role', 'email_verified', 'created_at', 'updated_at'],
  rows: people.map(({ id, email, passwordHash, name, role, createdMs }, number) => [
    ...[id, email, passwordHash, name, role, number % 3 === 0 ? 'f' : 't'],
    ...[timeText(createdMs), timeText(createdMs + (number % 40) * DAY_MS)],
  ]),
});
