import type { Client } from 'pg';
import type { Caller } from '../../../broker/calls/envelope.ts';
import { processEnv } from '../../../broker/process/config.ts';
import type { TestServices } from '../../../broker/testing/start-services.ts';
import type { UserId } from '../../../shared/contracts/ids.ts';
import { payments } from '../../../shared/contracts/payments.ts';
import { toDecimalText } from '../back-out/amounts.ts';
import { uuidIn } from '../mapping/ids.ts';

/** How many: `BACK_OUT_PAYMENTS=10000 npm run jest -- scripts/poc2/back-out/back-out.test.ts` makes more. */
const COUNT = Number(processEnv()['BACK_OUT_PAYMENTS'] || 5);
const AT_ONCE = 8;

/** Until all of them are over: about so many are made and carried out in a second. */
export const MANY_LIMIT_MS = 20_000 + COUNT * 60;

type Party = { id: UserId; oldId: string };
/** What a payer saw of a payment, as POC-2 would say it. */
type Seen = { sender: string; recipient: string; amount: string; status: string; description: string };

/**
 * Pays many times in Payloom, several at once.
 * @returns what the payer saw at the end, by the ids that POC-2 gives to the payments
 */
export const payManyTimes = async (app: TestServices, as: Caller, payer: Party, payees: readonly Party[]) => {
  const made: { id: string; seen: Omit<Seen, 'status'> }[] = [];
  let next = 0;
  const work = async (): Promise<void> => {
    for (let number = next++; number < COUNT; number = next++) {
      const payee = payees[number % payees.length] as Party;
      const [amountMinor, description] = [100 + number, `many-${number}`];
      const { id } = await app.call(
        payments.actions.create,
        {
          ...{ payee: { id: payee.id }, amountMinor, currency: 'EUR', description },
          paymentMethod: number % 10 === 9 ? 'pm_card_chargeDeclined' : 'pm_card_visa',
        } as never,
        { as, idempotencyKey: description },
      );
      const amount = toDecimalText(String(amountMinor), 'EUR');
      made.push({ id, seen: { sender: payer.oldId, recipient: payee.oldId, amount, description } });
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  return async (): Promise<ReadonlyMap<string, Seen>> => {
    const all = new Map<string, Seen>();
    for (const { id, seen } of made) {
      const { status } = await app.call(payments.actions.get, { id: id as never }, { as });
      all.set(uuidIn(id), { ...seen, status });
    }
    return all;
  };
};

/** Payments that POC-2 does not have as their payer saw them, by id. */
export const lostInPoc2 = async (poc2: Client, seen: ReadonlyMap<string, Seen>): Promise<string[]> => {
  const { rows } = await poc2.query<Seen & { id: string }>(
    `select id, sender_id as sender, recipient_id as recipient, amount::text as amount,
       status::text as status, description
     from payments where description like 'many-%'`,
  );
  const found = new Map(rows.map(({ id, ...row }) => [id, JSON.stringify(Object.entries(row).sort())]));
  const lost = [...seen].filter(([id, one]) => found.get(id) !== JSON.stringify(Object.entries(one).sort()));
  const added = rows.filter(({ id }) => !seen.has(id));
  if (processEnv()['BACK_OUT_PAYMENTS'])
    process.stdout.write(
      `back-out: ${seen.size} payments made in Payloom, ${lost.length} lost or changed, ` +
        `${added.length} doubled\n`,
    );
  return [...lost.map(([id]) => id), ...added.map(({ id }) => id)];
};
