import type { Client } from 'pg';
import { CURRENCY_RULES, type Currency } from '../../../shared/contracts/currencies.ts';
import type { TargetRow } from '../mapping/table-mapping.ts';
import type { MappedRow } from './source-side.ts';

/** Number and sum of payments, by currency and status. */
export type Totals = Map<string, { count: number; minor: bigint }>;

const add = (totals: Totals, key: string, count: number, minor: bigint): void => {
  const found = totals.get(key) ?? { count: 0, minor: 0n };
  totals.set(key, { count: found.count + count, minor: found.minor + minor });
};

type Payment = { amount: string; currency: string; status: string };

const SOURCE_DIGITS = 2;

/** An amount of the source, which has two decimals, in minor units of its currency. */
const minorOf = ({ amount, currency }: Payment): bigint => {
  const digits = CURRENCY_RULES[currency as Currency].digits;
  const hundredths = BigInt(amount.replace('.', ''));
  return digits >= SOURCE_DIGITS
    ? hundredths * 10n ** BigInt(digits - SOURCE_DIGITS)
    : hundredths / 10n ** BigInt(SOURCE_DIGITS - digits);
};

const isPayment = ({ database, table }: TargetRow): boolean =>
  database === 'payments' && table === 'payments';

/** Adds up payments as they are mapped, and those without an irregularity by the source's own figures too. */
export const collectTotals = () => {
  const mapped: Totals = new Map();
  const regular: Totals = new Map();
  const bySource: Totals = new Map();
  return {
    mapped,
    regular,
    bySource,
    add: ({ table, row, rows, irregularities }: MappedRow): void => {
      if (table !== 'payments') return;
      for (const one of rows) {
        if (!isPayment(one)) continue;
        const { currency, status, amount_minor: minor } = one.values;
        const key = `${String(currency)} ${String(status)}`;
        add(mapped, key, 1, BigInt(minor as number));
        if (irregularities.length > 0) continue;
        add(regular, key, 1, BigInt(minor as number));
        const payment = row as unknown as Payment;
        add(bySource, `${payment.currency} ${payment.status}`, 1, minorOf(payment));
      }
    },
  };
};

export const readTotals = async (client: Client): Promise<Totals> => {
  const { rows } = await client.query<{ key: string; count: string; minor: string }>(
    `select currency || ' ' || status as key, count(*) as count, sum(amount_minor)::text as minor
     from payments group by currency, status order by 1`,
  );
  const totals: Totals = new Map();
  for (const { key, count, minor } of rows) add(totals, key, Number(count), BigInt(minor));
  return totals;
};

/** Where two of them are not equal, as sentences. */
export const unequalTotals = (what: string, expected: Totals, found: Totals): string[] =>
  [...new Set([...expected.keys(), ...found.keys()])].flatMap((key) => {
    const [one, other] = [expected.get(key), found.get(key)];
    if (one?.count === other?.count && one?.minor === other?.minor) return [];
    const text = (totals: typeof one) => (totals ? `${totals.count} payments, ${totals.minor}` : 'none');
    return [`${what}, ${key}: ${text(other)} instead of ${text(one)} (minor units)`];
  });
