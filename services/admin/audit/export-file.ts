import { createHash } from 'node:crypto';
import * as z from 'zod/mini';
import { isTextSignedBy } from './checkpoint-key.ts';
import { checkExportedChain, exportedCheckpoint, type ExportedEntry } from './export-chain.ts';

/** What precedes the entries of an export. */
export type ExportHead = { format: 'payloom-audit-1'; at: string; filters: object; key: string };

/** Vouches for the entries of a part: `entries` are their ids and hashes, in order. */
export type PartSeal = {
  part: number;
  /** Of all entries up to the end of this part. */
  count: number;
  isLast: boolean;
  entries: [id: string, hash: string][];
  /** Over the head, and the seals of this part and of those before. */
  hash: string;
  signature: string;
};

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

export const headHashOf = (head: ExportHead): string => sha256(JSON.stringify(head));

export const entryPairOf = (entry: { id: string }): [string, string] => [
  entry.id,
  sha256(JSON.stringify(entry)),
];

type Unsigned = Omit<PartSeal, 'hash' | 'signature'>;

/** @param former the hash of the part before, or of the head */
export const partHashOf = (former: string, { part, count, isLast, entries }: Unsigned): string =>
  sha256(JSON.stringify([former, part, count, isLast, entries]));

export const signedText = (hash: string): string => `payloom audit export\n${hash}`;

const exportFile = z.object({
  export: z.object({
    format: z.literal('payloom-audit-1'),
    at: z.string(),
    filters: z.record(z.string(), z.unknown()),
    key: z.string(),
  }),
  parts: z.array(
    z.object({
      entries: z.array(z.looseObject({ id: z.string() })),
      checkpoint: z.optional(z.nullable(exportedCheckpoint)),
      seal: z.object({
        part: z.int(),
        count: z.int(),
        isLast: z.boolean(),
        entries: z.array(z.tuple([z.string(), z.string()])),
        hash: z.string(),
        signature: z.string(),
      }),
    }),
  ),
});
type Part = z.output<typeof exportFile>['parts'][number];

const differencesIn = ({ entries, seal }: Part): string[] => {
  const given = new Map(entries.map((entry) => entryPairOf(entry)));
  const sealed = new Map(seal.entries);
  const problems = entries.flatMap(({ id }) => {
    if (!sealed.has(id)) return [`the entry ${id} was inserted`];
    return sealed.get(id) === given.get(id) ? [] : [`the entry ${id} was changed`];
  });
  problems.push(
    ...[...sealed.keys()].filter((id) => !given.has(id)).map((id) => `the entry ${id} was removed`),
  );
  const isInOrder = entries.every(({ id }, index) => id === seal.entries[index]?.[0]);
  return isInOrder || problems.length > 0 ? problems : [`entries of part ${seal.part} are in another order`];
};

/**
 * Checks an exported file without a database.
 * @param trusted public keys
 * @returns a sentence for each thing that is wrong, the number of entries, and how many are in the chain
 */
export const verifyFile = (
  text: string,
  trusted: readonly string[],
): { problems: string[]; entries: number; linked: number } => {
  const refused = (problem: string) => ({ problems: [problem], entries: 0, linked: 0 });
  const read = exportFile.safeParse(JSON.parse(text));
  if (!read.success) return refused('this is not an export of the audit log');
  const { export: head, parts } = read.data;
  if (!trusted.includes(head.key)) return refused(`the file is signed with an unknown key, ${head.key}`);
  const problems: string[] = [];
  let former = headHashOf(head as ExportHead);
  let count = 0;
  for (const [index, part] of parts.entries()) {
    const { seal } = part;
    const name = `part ${index + 1}`;
    const hash = partHashOf(former, seal);
    const signature = Buffer.from(seal.signature, 'base64url');
    if (hash !== seal.hash || !isTextSignedBy(head.key, signedText(hash), signature))
      problems.push(`${name} is not what was signed: its seal, the filters or a part before it was changed`);
    problems.push(...differencesIn(part));
    former = seal.hash;
    count += part.entries.length;
  }
  if (parts.at(-1)?.seal.isLast !== true) problems.push('the end of the file is missing');
  const entries = parts.flatMap((part) => part.entries) as unknown as ExportedEntry[];
  const chain = checkExportedChain(entries, parts.at(-1)?.checkpoint ?? null, trusted);
  return { problems: [...problems, ...chain.problems], entries: count, linked: chain.linked };
};
