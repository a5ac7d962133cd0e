import { choose, seededId, seededRandom } from './random.ts';

export type SeededPerson = {
  id: string;
  email: string;
  name: string;
  role: 'CUSTOMER' | 'VENDOR';
  createdMs: number;
};

const FIRST_NAMES = (
  'Ada Amir Ana Anders Aoife Beatriz Bram Chloé Chidi Dmitri Elif Emre Eszter Fatima Felix Greta Hana Hugo ' +
  'Ines Ivan Jakub Jamila João Kaia Kenji Lars Leila Lena Luca Magnus Mai Marta Mateo Mei Mila Nadia Niamh ' +
  'Noah Olga Omar Oskar Paula Priya Rafael Rosa Samir Sofia Søren Tariq Tomasz Uma Vera Wanda Yara Yuki Zoë'
).split(' ');
const LAST_NAMES = (
  'Andersen Bauer Bianchi Costa Diallo Dubois Eriksson Fernández Fischer García Haddad ' +
  'Hansen Horváth Ivanov ' +
  'Jansen Kaya Keller Kim Kovács Kowalski Larsen Lefèvre López Marino Martin Mbeki Meyer ' +
  'Moreau Müller Nagy ' +
  'Nakamura Nielsen Novak O’Brien Okafor Olsen Öztürk Patel Peeters Petrov Popescu Rossi ' +
  'Santos Sato Schmidt ' +
  'Silva Singh Sørensen Suzuki Tanaka Torres Tran Visser Wagner Walsh Weber Wójcik Yılmaz Zhang Zieliński'
).split(' ');
const TRADES = (
  'Bakery|Books|Bicycles|Carpentry|Catering|Coffee|Design|Flowers|Gardens|Hardware|Hosting|Interiors|' +
  'Language School|Legal|Music|Optics|Photography|Print|Repairs|Tailoring|Tea|Translations|Travel|Wines'
).split('|');

const DAY_MS = 86_400_000;
const YEARS_DAYS = 730;
/** One of five is a vendor. */
const VENDORS_EVERY = 5;
/** A domain that cannot exist (RFC 2606): mail to these people reaches nobody. */
export const SEED_DOMAIN = 'seed.example';

/** The same for the same number: its address shows that, and says that it was made. */
const personNumber = (number: number, random: () => number, createdMs: number): SeededPerson => {
  const first = choose(random, FIRST_NAMES);
  const last = choose(random, LAST_NAMES);
  const role = number % VENDORS_EVERY === 0 ? 'VENDOR' : 'CUSTOMER';
  const name = role === 'VENDOR' ? `${last} ${choose(random, TRADES)}` : `${first} ${last}`;
  const email = `${role === 'VENDOR' ? 'vendor' : 'customer'}-${number}@${SEED_DOMAIN}`;
  return { id: seededId(random, 'usr', createdMs), email, name, role, createdMs };
};

/** So many people, registered one after the other within the two years before `nowMs`. */
export const seededPeople = (count: number, seed: number, nowMs: number): SeededPerson[] => {
  const random = seededRandom(seed);
  const startMs = nowMs - YEARS_DAYS * DAY_MS;
  const stepMs = (YEARS_DAYS * DAY_MS) / count;
  return Array.from({ length: count }, (_, index) =>
    personNumber(index + 1, random, Math.floor(startMs + index * stepMs)),
  );
};
