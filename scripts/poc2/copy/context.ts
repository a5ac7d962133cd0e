import type { MappingContext } from '../mapping/table-mapping.ts';
import { readEqualEmails } from './equal-emails.ts';
import type { Run } from './records.ts';
import { readSharedIntents } from './shared-intents.ts';
import type { Source } from './source.ts';

/** What the mapping needs to know of other rows. */
export const contextOf = async (
  { client }: Pick<Source, 'client'>,
  { options, nowMs, latestMs }: Pick<Run, 'options' | 'nowMs' | 'latestMs'>,
): Promise<MappingContext> => ({
  ...{ options, nowMs, latestMs },
  equalEmails: await readEqualEmails(client, options),
  sharedIntents: await readSharedIntents(client, options),
});
