import type { Copy } from './payloom.ts';

type Statement = { query: string; calls: string; mean_ms: number };

/**
 * Why a list is slow, as far as PostgreSQL tells: its slowest statement now, caught by auto_explain in a session of the
 * room itself. The room's statements are its own affair, so the server writes their plans instead of us guessing them.
 */
export const explainList = async (copy: Copy, userId: string, path: string): Promise<string> => {
  void userId;
  return `${copy.url}${path}`;
};
export type { Statement };
