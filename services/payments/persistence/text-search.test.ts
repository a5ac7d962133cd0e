import { domainToASCII, domainToUnicode } from 'node:url';
import fc from 'fast-check';
import type { Database } from '../../../broker/postgres/database.ts';
import { wastefulScansOf } from '../../../broker/testing/explain.ts';
import { migratedDatabase } from '../../../broker/testing/test-database.ts';
import type { UserId } from '../../../shared/contracts/ids.ts';
import { searchPartyIds, searchPayees, textContains } from './parties.ts';

let db: Database;
let end: () => Promise<void>;
beforeAll(async () => {
  ({ db, end } = await migratedDatabase(new URL('../migrations/', import.meta.url)));
  await db.query(
    `insert into parties (id, email, name, role, status, version)
     select 'usr_' || n, 'v' || n || '@example.com', md5(n::text), 'VENDOR', 'active', 1
     from generate_series(1, 20000) as n`,
  );
  await db.query(
    `insert into payments (id, payer_id, payee_id, amount_minor, currency, status, payment_method,
       description, created_at, updated_at)
     select 'pay_' || n, 'usr_1', 'usr_2', 1, 'EUR', 'completed', 'pm_card_visa', md5(n::text), now(), now()
     from generate_series(1, 20000) as n`,
  );
  await db.query('vacuum (analyze) parties, payments');
});
afterAll(() => end());

const scansOf = async (run: Parameters<typeof wastefulScansOf>[1]): Promise<string[]> =>
  (await wastefulScansOf(db, run)).filter((scan) => scan.startsWith('Seq Scan'));

const folded = async (a: string, b: string): Promise<boolean> => {
  const [row] = await db.query<{ same: boolean }>('select fold_case($1) = fold_case($2) as same', [a, b]);
  return row?.same ?? false;
};

it.each([
  ['Νίκος', 'ΝΊΚΟΣ'],
  ['Iğdır', 'IĞDIR'],
  ['İstanbul', 'ISTANBUL'],
  ['Straße', 'STRASSE'],
  ['STRAẞE', 'strasse'],
])('%s is folded as %s is', async (a, b) => expect(await folded(a, b)).toBe(true));

it.each([
  ['Müller', 'Muller'],
  ['Νίκος', 'Νικος'],
])('%s is folded otherwise than %s', async (a, b) => expect(await folded(a, b)).toBe(false));

const decoded = async (labels: string[]): Promise<string[]> => {
  const rows = await db.query<{ label: string }>(
    `select unicode_label(label) as label
     from unnest($1::text[]) with ordinality as one (label, at) order by at`,
    [labels],
  );
  return rows.map(({ label }) => label);
};

it('a domain is decoded as Node.js does; one that cannot be decoded stays', async () => {
  const odd = await decoded(['xn--', 'xn--a-', 'xn--99999999', 'xn---', 'xn--bücher', 'plain']);
  expect(odd).toEqual(['', 'a', 'xn--99999999', '', 'xn--bücher', 'plain']);
  const labels = fc
    .sample(fc.string({ unit: 'grapheme', minLength: 1, maxLength: 15 }), 2_000)
    .map((text) => domainToASCII(text))
    .filter((label) => label.startsWith('xn--') && !label.includes('.'));
  expect(labels.length).toBeGreaterThan(200);
  expect(await decoded(labels)).toEqual(labels.map((label) => domainToUnicode(label)));
});

it.each([
  ['山田 太郎', '山田\u3000太郎'],
  ['Taro Yamada', 'taro  yam'],
  // A name that is older than the rule of plain spaces.
  ['Jeanne\u00a0Martin', 'jeanne\u00a0m'],
])('%j is found by %j', async (name, text) => {
  const id = `usr_${name}` as UserId;
  await db.query("insert into parties values ($1, $2, $3, 'VENDOR', 'active', 1)", [
    id,
    `${id}@x.example`,
    name,
  ]);
  expect(await searchPayees(db, text, 'usr_1' as UserId)).toMatchObject([{ id }]);
  expect(await searchPartyIds(db, text, 101)).toEqual([id]);
});

it('a vendor is found by the whole id, and by no part of it', async () => {
  const id = 'usr_0190a0b1c2d37e4f8a9b0c1d2e3f4a5b' as UserId;
  const vendor = "insert into parties values ($1, 'ida@x.example', 'Ida', 'VENDOR', 'active', 1)";
  await db.query(vendor, [id]);
  const found = async (text: string) =>
    (await searchPayees(db, text, 'usr_1' as UserId)).map((one) => one.id);
  expect(await found(id)).toEqual([id]);
  expect(await found(id.slice(0, -1))).toEqual([]);
  expect(await searchPayees(db, id, id)).toEqual([]);
});

it.each(['Übermorgen', 'ΟΔΟΣ', 'user@bücher.example', 'two\u3000words'])(
  'a search for %s reads indexes',
  async (text) => {
    const values: unknown[] = [];
    const condition = textContains('description', text, values);
    expect(await scansOf((plans) => searchPayees(plans, text, 'usr_1' as UserId))).toEqual([]);
    expect(await scansOf((plans) => searchPartyIds(plans, text, 101))).toEqual([]);
    expect(
      await scansOf((plans) => plans.query(`select id from payments where ${condition}`, values)),
    ).toEqual([]);
  },
);
