import type { Posting } from '../domain/ledger.ts';

/** Postings as a statement unnests them: (movement, account, owner_id, amount_minor). */
export const columnsOf = (postings: readonly Posting[]): readonly unknown[][] => [
  postings.map((posting) => posting.movement),
  postings.map((posting) => posting.account),
  postings.map((posting) => posting.ownerId),
  postings.map((posting) => posting.amountMinor),
];
