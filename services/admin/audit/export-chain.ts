import * as z from 'zod/mini';
import type { AuditEntry } from '../../../shared/contracts/admin/audit.ts';
import type { UserId } from '../../../shared/contracts/ids.ts';
import type { Checkpoint } from '../persistence/chain.ts';
import type { EntryRow } from '../persistence/entries.ts';
import { entryHashOf, linkHashOf } from './chain.ts';
import { isSignedBy } from './checkpoint-key.ts';

const hex = z.string().check(z.regex(/^[0-9a-f]{64}$/));

/** The place of an exported entry in the chain; `previous` is the hash before it. */
const exportedLink = z.object({
  position: z.int(),
  previous: hex,
  hash: hex,
  /** What the hash covers beside the entry: the users whom it names. */
  people: z.array(z.string()),
});
export type ExportedLink = z.output<typeof exportedLink>;

/** The newest signed state of the chain when the file was made. */
export const exportedCheckpoint = z.object({
  position: z.int(),
  hash: hex,
  at: z.string(),
  key: z.string(),
  signature: z.string(),
});
export type ExportedCheckpoint = z.output<typeof exportedCheckpoint>;

export const toExportedCheckpoint = (one: Checkpoint): ExportedCheckpoint => ({
  position: one.position,
  hash: one.hash.toString('hex'),
  at: one.at.toISOString(),
  key: one.key,
  signature: one.signature.toString('base64url'),
});

/** An entry of an export; `chain` is null before it is sealed, and missing in files of before. */
export type ExportedEntry = AuditEntry & { chain?: ExportedLink | null };

const textOf = (state: unknown): string | null => (state === null ? null : JSON.stringify(state));

/** The columns of an exported entry, whose hash the chain has. */
const rowOf = (entry: ExportedEntry, people: readonly string[]): EntryRow => ({
  id: entry.id,
  at: new Date(entry.at),
  action: entry.action,
  actor_id: entry.actor?.id ?? null,
  actor_role: entry.actor?.role ?? null,
  actor_name: entry.actor?.name ?? null,
  actor_email: entry.actor?.email ?? null,
  person_id: entry.person?.id ?? null,
  person_name: entry.person?.name ?? null,
  person_email: entry.person?.email ?? null,
  target_type: entry.target?.type ?? null,
  target_id: entry.target?.id ?? null,
  people: people as UserId[],
  address: entry.address,
  device: entry.device,
  session_id: entry.sessionId,
  request_id: entry.requestId,
  reason: entry.reason,
  before: textOf(entry.before),
  after: textOf(entry.after),
  trace_id: entry.traceId ?? null,
});

const isLinked = (entry: ExportedEntry, { position, previous, hash, people }: ExportedLink): boolean =>
  linkHashOf(Buffer.from(previous, 'hex'), position, entryHashOf(rowOf(entry, people))).toString('hex') ===
  hash;

/**
 * Checks that entries are what the chain has sealed: each by its own link, neighbours by each other, and the
 * newest one by the checkpoint's signature.
 * @param trusted public keys
 * @returns a sentence for each thing that is wrong, and how many entries are linked
 */
export const checkExportedChain = (
  entries: readonly ExportedEntry[],
  checkpoint: ExportedCheckpoint | null,
  trusted: readonly string[],
): { problems: string[]; linked: number } => {
  const problems: string[] = [];
  const links = entries.map(({ chain }) => exportedLink.safeParse(chain).data ?? null);
  const hashes = new Map(links.flatMap((link) => (link ? [[link.position, link.hash] as const] : [])));
  for (const [index, entry] of entries.entries()) {
    const chain = links[index];
    if (!chain) continue;
    if (!isLinked(entry, chain)) problems.push(`the entry ${entry.id} is not the one that the chain sealed`);
    const before = hashes.get(chain.position - 1);
    if (before !== undefined && before !== chain.previous)
      problems.push(`the chain is broken before the entry ${entry.id}, at position ${chain.position}`);
  }
  if (checkpoint) {
    const { position, hash, at, key, signature } = checkpoint;
    const state = { position, hash: Buffer.from(hash, 'hex'), at: new Date(at) };
    if (!trusted.includes(key) || !isSignedBy(key, state, Buffer.from(signature, 'base64url')))
      problems.push(`the checkpoint at ${position} is not what a trusted key has signed`);
    const here = hashes.get(position);
    if (here !== undefined && here !== hash)
      problems.push(`the chain at ${position} is not the one that the checkpoint has signed`);
  }
  return { problems, linked: hashes.size };
};
