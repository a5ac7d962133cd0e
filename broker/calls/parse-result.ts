import type { ServiceBroker } from 'moleculer';
import { parse, safeParse, type $ZodType } from 'zod/v4/core';
import type { Action } from '../../shared/contracts/contract.ts';
import { countUnreadable } from '../telemetry/metrics.ts';

/**
 * An action's result without fields that its contract does not name. Items of a list that do not fit the
 * contract are left out, logged and counted, so that a damaged row hides no others.
 * @throws $ZodError when anything else does not fit
 */
export const parseResult = <T>(
  action: Action,
  schema: $ZodType<T>,
  result: unknown,
  { logger }: Pick<ServiceBroker, 'logger'>,
): T => {
  const parsed = safeParse(schema, result);
  if (parsed.success) return parsed.data;
  const unreadable = new Set(
    parsed.error.issues.map(({ path: [field, at] }) => (field === 'items' ? at : undefined)),
  );
  if (unreadable.has(undefined)) throw parsed.error;
  const { items } = result as { items: { id?: string }[] };
  const ids = items.filter((_item, at) => unreadable.has(at)).map(({ id }) => id);
  logger.error(`${action.name} leaves out rows that cannot be read: ${ids.join(', ')}`);
  countUnreadable(action.name, ids.length);
  const readable = items.filter((_item, at) => !unreadable.has(at));
  return parse(schema, { ...(result as object), items: readable });
};
