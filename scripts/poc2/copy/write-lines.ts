import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { escapeIdentifier, type Client } from 'pg';
import { from as copyFrom } from 'pg-copy-streams';
import type { Shape } from './lines.ts';

/** Adds lines of `writeLine`, each with its end, to a table. */
export const writeLines = async (
  client: Client,
  table: string,
  { columns }: Shape,
  blocks: readonly Buffer[],
): Promise<void> => {
  const list = columns.map(({ name }) => escapeIdentifier(name)).join(', ');
  const target = client.query(copyFrom(`copy ${escapeIdentifier(table)} (${list}) from stdin`));
  await pipeline(Readable.from(blocks), target);
};
