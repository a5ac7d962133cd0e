import { AppError } from '../../../broker/calls/errors.ts';
import type { AdminAction } from '../admin.ts';
import { keyOf, readerOf, toDeadLetter } from '../dead-letters/letters.ts';
import { withoutSecrets } from '../../../shared/contracts/without-secrets.ts';

/** What is not JSON is not shown: nothing in it could be recognised as secret. */
const shown = (payload: string): string | null => {
  try {
    return JSON.stringify(withoutSecrets(JSON.parse(payload)), null, 2);
  } catch {
    return null;
  }
};

export const deadLetter: AdminAction<'deadLetter'> = async (service, call) => {
  const [name, id] = keyOf(call.params.id);
  const letter = await service.nodes.ask('deadLetter', readerOf(service, name), { id });
  if (!letter) throw new AppError('dead_letter_not_found');
  const { payload, ...summary } = letter;
  return { ...toDeadLetter(summary), payload: shown(payload) };
};
