import { isFuture, timeOf, type Time } from './times.ts';
import type { Irregularity, Mapped, MappingContext, SourceTable, TargetRow } from './table-mapping.ts';

/** Collects what is unusual in one row. */
export type Notes = {
  mapped(kind: string, detail: string): void;
  refused(kind: string, detail: string): void;
  isRefused(): boolean;
  /** The rows, unless the row is refused. */
  result(rows: () => TargetRow[]): Mapped;
};

const NONE: readonly Irregularity[] = [];

export const notesOn = (table: SourceTable, id: string): Notes => {
  let found: Irregularity[] | null = null;
  let refused = false;
  const add = (kind: string, detail: string, outcome: Irregularity['outcome']): void => {
    found ??= [];
    found.push({ kind, table, id, detail, outcome });
  };
  return {
    mapped: (kind, detail) => add(kind, detail, 'mapped'),
    refused: (kind, detail) => {
      refused = true;
      add(kind, detail, 'refused');
    },
    isRefused: () => refused,
    result: (rows) => ({ rows: refused ? [] : rows(), irregularities: found ?? [...NONE] }),
  };
};

/** The time at which a row was made; a row without a usable one is refused. */
export const creationOf = (iso: string | null, context: MappingContext, notes: Notes): Time | null => {
  const time = timeOf(iso);
  if (time === null) {
    notes.refused('time_unusable', 'has no time of its creation between 1970 and 9999');
    return null;
  }
  if (!isFuture(time, context)) return time;
  if (context.options.future === 'keep') notes.mapped('time_in_future', `${time.iso} is kept`);
  else notes.refused('time_in_future', `was made at ${time.iso}; --future keep keeps such times`);
  return time;
};

/** Reports a last change in the future; such a time is kept. */
export const noteLastChange = (
  changed: Time | null,
  created: Time | null,
  context: MappingContext,
  notes: Notes,
): void => {
  if (changed !== null && isFuture(changed, context) && (created === null || !isFuture(created, context)))
    notes.mapped('change_in_future', `was changed at ${changed.iso}, which is kept`);
};

const FUTURE = 'time_in_future';

/** Whether a row is refused only until its time has come. */
export const isWaiting = ({ irregularities }: Pick<Mapped, 'irregularities'>): boolean =>
  irregularities.some(({ kind, outcome }) => kind === FUTURE && outcome === 'refused');
