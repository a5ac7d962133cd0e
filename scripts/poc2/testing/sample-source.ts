import { Client } from 'pg';
import { throwAwayDatabase } from '../../../broker/testing/throw-away-database.ts';
import { readMappingOptions } from '../mapping-options.ts';
import { fillSample } from '../sample/fill.ts';

export const NOW_MS = Date.UTC(2026, 10, 30);

/** A choice for everything that is not guessed, as arguments. */
export const ALL_ARGUMENTS = [
  ...['--open', 'cancel', '--equal-emails', 'suffix', '--fractions', 'round', '--negative', 'swap'],
  ...['--no-recipient', 'deleted-user', '--future', 'keep', '--long', 'cut', '--unusable', 'drop'],
  ...['--config', 'audit', '--currency', 'XBT=USD', '--leave-out-refused'],
] as const;

export const ALL_OPTIONS = readMappingOptions({
  ...{ open: 'cancel', 'equal-emails': 'suffix', fractions: 'round', negative: 'swap' },
  ...{ 'no-recipient': 'deleted-user', future: 'keep', long: 'cut', unusable: 'drop', config: 'audit' },
  currency: ['XBT=USD'],
});

export type SampleSource = { url: string; client: Client; drop(): Promise<void> };

/** A database of POC-2 with all irregularities. */
export const sampleSource = async (users: number, payments: number): Promise<SampleSource> => {
  const { url, drop } = await throwAwayDatabase();
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    await fillSample(client, { users, payments, seed: 1, nowMs: NOW_MS, say: () => undefined });
  } catch (error) {
    await client.end();
    await drop();
    throw error;
  }
  return {
    ...{ url, client },
    drop: async () => {
      await client.end();
      await drop();
    },
  };
};
