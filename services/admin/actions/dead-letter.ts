import { AppError } from '../../../broker/calls/errors.ts';
import type { AdminAction } from '../admin.ts';
import { keyOf, readerOf, toDeadLetter } from '../dead-letters/letters.ts';
import { poc2Bridge } from '../../../shared/contracts/poc2-bridge.ts';
import { REMOVED, withoutSecrets } from '../../../shared/contracts/without-secrets.ts';

/** What is not JSON is not shown: nothing in it could be recognised as secret. */
const shown = (payload: string): string | null => {
  try {
    return JSON.stringify(withoutSecrets(JSON.parse(payload)), null, 2);
  } catch {
    return null;
  }
};

/** What holds a message of POC-2 as it came: JSON within JSON, or nothing that could be read. */
const RAW_FIELDS = ['text', 'base64', 'start'] as const;
const withCleanText = (payload: string): string => {
  try {
    const refused = JSON.parse(payload) as Record<string, unknown>;
    for (const name of RAW_FIELDS)
      if (typeof refused[name] === 'string') refused[name] = shown(refused[name]) ?? REMOVED;
    return JSON.stringify(refused);
  } catch {
    return payload;
  }
};

/** The payload as administrators see it. */
const payloadOf = ({ event, payload }: { event: string; payload: string }): string | null =>
  shown(event === poc2Bridge.events.refused.name ? withCleanText(payload) : payload);

export const deadLetter: AdminAction<'deadLetter'> = async (service, call) => {
  const [name, id] = keyOf(call.params.id);
  const letter = await service.nodes.ask('deadLetter', readerOf(service, name), { id });
  if (!letter) throw new AppError('dead_letter_not_found');
  const { payload: _payload, ...summary } = letter;
  return { ...toDeadLetter(summary), payload: payloadOf(letter) };
};
