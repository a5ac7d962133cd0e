import { brokenLimit } from '../../../shared/contracts/currencies.ts';
import type { Money } from '../../../shared/contracts/money.ts';
import type { Notes } from './notes.ts';
import type { MappingContext } from './table-mapping.ts';

const INTENT = /^pi_[A-Za-z0-9_]+$/;

type OpenPayment = { status: string; psp_transaction_id: string | null; psp_ids: string | null };

/** The id that the processor gave, if it gave one. */
export const pspIdOf = (given: string | null): string | null =>
  given === null || given.trim() === '' ? null : given;

/** PaymentIntents of an open payment: the one of its charge, and those of which all is given back. */
export type OpenIntents = { intentId: string | null; givenBack: readonly string[] };

const REFUSED: OpenIntents = { intentId: null, givenBack: [] };

const checkIds = (ids: readonly string[], status: string, context: MappingContext, notes: Notes): void => {
  const other = ids.find((id) => !INTENT.test(id));
  if (other !== undefined)
    notes.refused(
      'open_unreachable',
      `is ${status}, and ${JSON.stringify(other)} is no PaymentIntent (pi_…)`,
    );
  const shared = ids.find((id) => context.sharedIntents.has(id));
  if (shared !== undefined)
    notes.refused('open_shared', `is ${status}, and another payment names its PaymentIntent ${shared} too`);
};

/**
 * What becomes of the PaymentIntents of an open payment. It is refused unless the owner has chosen what
 * becomes of such, and that is possible.
 */
export const openIntents = (
  row: OpenPayment,
  sum: Money | null,
  context: MappingContext,
  notes: Notes,
): OpenIntents => {
  const { status } = row;
  const { open } = context.options;
  if (open === null) {
    notes.refused('open', `is ${status}; --open cancel cancels it, --open keep keeps it`);
    return REFUSED;
  }
  const own = pspIdOf(row.psp_transaction_id);
  const named = [own, ...(row.psp_ids?.split('\n') ?? []).map(pspIdOf)];
  const ids = [...new Set(named)].filter((id) => id !== null);
  checkIds(ids, status, context, notes);
  const [intentId = null] = ids;
  if (open === 'cancel') {
    const what =
      intentId === null ? '' : `, and the processor gives back what it holds for ${ids.join(', ')}`;
    notes.mapped('open', `is ${status} and becomes cancelled${what}`);
    return { intentId, givenBack: ids };
  }
  const broken = sum && brokenLimit(sum.amountMinor, sum.currency);
  if (intentId === null)
    notes.refused('open_unknown', `is ${status}, and names no PaymentIntent (pi_…) that can continue`);
  else if (ids.length > 1)
    notes.refused('open_ambiguous', `is ${status}, and names several PaymentIntents: ${ids.join(', ')}`);
  else if (broken !== null) notes.refused('open_not_chargeable', `its amount breaks a limit: ${broken.code}`);
  else notes.mapped('open', `stays ${status}, with the PaymentIntent ${intentId}`);
  return { intentId, givenBack: [] };
};
