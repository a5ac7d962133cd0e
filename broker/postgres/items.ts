/**
 * Rows as the items of a list. A damaged row that cannot be read becomes an item of its id alone,
 * which is left out where the answer is parsed by its contract.
 */
export const itemsOf = <R extends { id: string }, T>(rows: readonly R[], toItem: (row: R) => T): T[] =>
  rows.map((row) => {
    try {
      return toItem(row);
    } catch {
      return { id: row.id } as T;
    }
  });
