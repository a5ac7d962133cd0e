import * as z from 'zod/mini';
import { csvOf } from '../../../broker/calls/csv.ts';
import { invalidCursor, readCursor, writeCursor } from '../../../broker/postgres/cursors.ts';
import type { AuditFilters } from '../../../shared/contracts/admin/audit.ts';
import type { DownloadPart } from '../../../shared/contracts/contract.ts';
import type { AdminService } from '../admin.ts';
import { lastCheckpoint, readLinksOf } from '../persistence/chain.ts';
import { toEntry, type EntryRow } from '../persistence/entries.ts';
import { listEntries } from '../persistence/list-entries.ts';
import { GENESIS } from './chain.ts';
import { CSV_COLUMNS } from './csv-columns.ts';
import { toExportedCheckpoint, type ExportedEntry, type ExportedLink } from './export-chain.ts';
import {
  entryPairOf,
  headHashOf,
  partHashOf,
  signedText,
  type ExportHead,
  type PartSeal,
} from './export-file.ts';

/** Entries of a part: half a megabyte, within one statement of some milliseconds. */
const PART = 1_000;

const readPart = ({ state }: AdminService, filters: AuditFilters, cursor: string | undefined) =>
  state.reads((tx) => listEntries(tx, filters, { limit: PART, cursor }));

type Links = Awaited<ReturnType<typeof readLinksOf>>;

/** A part with its place in the chain; a checkpoint belongs to the last one. */
const readLinkedPart = ({ state }: AdminService, filters: AuditFilters, cursor: string | undefined) =>
  state.reads(async (tx) => {
    const part = await listEntries(tx, filters, { limit: PART, cursor });
    const links = await readLinksOf(
      tx,
      part.rows.map(({ id }) => id),
    );
    const checkpoint = part.nextCursor === null ? await lastCheckpoint(tx) : null;
    return { ...part, links, checkpoint: checkpoint && toExportedCheckpoint(checkpoint) };
  });

const chainOf = ({ id, people }: EntryRow, links: Links): ExportedLink | null => {
  const link = links.get(id);
  if (!link) return null;
  const { position, previous, hash } = link;
  return { position, previous: (previous ?? GENESIS).toString('hex'), hash: hash.toString('hex'), people };
};

/** A part of the export as CSV. */
export const csvPart = async (
  service: AdminService,
  { cursor, ...filters }: AuditFilters & { cursor?: string | undefined },
): Promise<DownloadPart> => {
  const { rows, nextCursor } = await readPart(service, filters, cursor);
  return { text: csvOf(CSV_COLUMNS, rows, cursor === undefined), nextCursor };
};

/** What the next part has to know of those before it; the cursor carries it, with its signature. */
const progress = z.tuple([z.string(), z.int(), z.int(), z.string(), z.string()]);

const readProgress = ({ state }: AdminService, cursor: string) => {
  const [list, part, count, hash, mac] = readCursor(cursor, progress);
  const expected = state.checkpointKey.mac(JSON.stringify([list, part, count, hash]));
  if (mac !== expected) throw invalidCursor();
  return { list, part, count, former: hash };
};

/**
 * A part of the export as JSON. Each part ends with its seal: a signature over the ids and hashes of its
 * entries and the parts before, which `npm run audit -- verify FILE` checks.
 */
export const jsonPart = async (
  service: AdminService,
  { cursor, ...filters }: AuditFilters & { cursor?: string | undefined },
): Promise<DownloadPart> => {
  const { checkpointKey: key } = service.state;
  const at = service.clock.now().toISOString();
  const head: ExportHead = { format: 'payloom-audit-1', at, filters, key: key.publicKey };
  const { list, part, count, former } =
    cursor === undefined
      ? { list: undefined, part: 0, count: 0, former: headHashOf(head) }
      : readProgress(service, cursor);
  const { rows, nextCursor, links, checkpoint } = await readLinkedPart(service, filters, list);
  const entries = rows.map((row): ExportedEntry => ({ ...toEntry(row), chain: chainOf(row, links) }));
  const isLast = nextCursor === null;
  const unsigned = { part: part + 1, count: count + rows.length, isLast, entries: entries.map(entryPairOf) };
  const hash = partHashOf(former, unsigned);
  const seal: PartSeal = {
    ...unsigned,
    hash,
    signature: key.signText(signedText(hash)).toString('base64url'),
  };
  const begin = cursor === undefined ? `{"export":${JSON.stringify(head)},"parts":[\n` : ',\n';
  const lines = entries.map((entry) => JSON.stringify(entry)).join(',\n');
  const signed = `"seal":${JSON.stringify(seal)},"checkpoint":${JSON.stringify(checkpoint)}`;
  const text = `${begin}{"entries":[\n${lines}\n],${signed}}${isLast ? ']}\n' : ''}`;
  if (isLast) return { text, nextCursor };
  const next = [nextCursor, unsigned.part, unsigned.count, hash] as const;
  return { text, nextCursor: writeCursor([...next, key.mac(JSON.stringify(next))]) };
};
