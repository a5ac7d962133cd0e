import { randomUUID } from 'node:crypto';
import { backoffMs } from '../../../broker/process/backoff.ts';
import { worker, type Worker } from '../../../broker/process/worker.ts';
import { profile } from '../../../shared/contracts/profile.ts';
import { EXPORT_KEPT_MS, EXPORT_SECTIONS } from '../../../shared/contracts/profile/data-export.ts';
import { textOf } from '../domain/export-text.ts';
import {
  addExportPart,
  claimDueExport,
  endExport,
  postponeExport,
  type ExportRow,
} from '../persistence/exports.ts';
import type { ProfileService } from '../profile.ts';
import { READ_PAGE } from './sections.ts';

/** `db.wake(EXPORT_WORK)` makes the exporter look for due exports now. */
export const EXPORT_WORK = 'profile exports';

const POLL_MS = 2_000;
/** Longer than a page takes; an export of a process that died is continued after this time. */
const LEASE_MS = 15_000;
const RETRY = { firstMs: 1_000, maxMs: 300_000 };
/** Tries in a row without any progress: half a day. */
const TRIES_MAX = 150;

const end = (service: ProfileService, row: ExportRow, state: 'ready' | 'failed'): Promise<void> => {
  const { db, clock, outbox } = service;
  return db.transaction(async (tx) => {
    const at = clock.now();
    const expiresAt = state === 'ready' ? new Date(at.getTime() + EXPORT_KEPT_MS) : null;
    if (!(await endExport(tx, row, { state, expiresAt, at }))) return;
    const { userId, sizeBytes } = row;
    const event = { userId, state, sizeBytes, at: at.toISOString() };
    await outbox.add(tx, profile.events.exportFinished, event);
  });
};

/** Reads the next page and stores it, with the place after it; null when it was the last one or is lost. */
const takeStep = async (service: ProfileService, row: ExportRow): Promise<ExportRow | null> => {
  const { db, clock } = service;
  const { userId, section, cursor, sectionItems, requestedAt } = row;
  const name = EXPORT_SECTIONS[section];
  if (name === undefined) {
    await end(service, row, 'ready');
    return null;
  }
  const page = await READ_PAGE[name](service, userId, cursor ?? undefined);
  const nextCursor = 'value' in page ? null : page.nextCursor;
  const progress = {
    text: textOf(name, page, { isFirst: cursor === null, itemsBefore: sectionItems, requestedAt }),
    items: 'value' in page ? 0 : page.items.length,
    section: nextCursor === null ? section + 1 : section,
    cursor: nextCursor,
    dueAt: new Date(clock.nowMs() + LEASE_MS),
  };
  return db.transaction((tx) => addExportPart(tx, row, progress));
};

/** Continues the export until it is ready, or a step fails, which is tried again later. */
const drive = async (service: ProfileService, claimed: ExportRow): Promise<void> => {
  const { db, clock, log } = service;
  let current = claimed;
  try {
    for (;;) {
      const next = await takeStep(service, current);
      if (!next) return;
      current = next;
    }
  } catch (error) {
    const { id, attempts } = current;
    log.warn({ err: error, export: id, attempts }, 'a step of an export failed');
    if (attempts >= TRIES_MAX) return end(service, current, 'failed');
    return postponeExport(db, current, new Date(clock.nowMs() + backoffMs(RETRY, attempts)));
  }
};

/**
 * Makes exports from their rows, page by page. Each page and the place after it are one transaction, so that
 * any process continues where another one died. One at a time in each process: it is no hurry.
 */
export const startExporter = (service: ProfileService): Worker => {
  const { clock, db, log } = service;
  const run = async (): Promise<boolean> => {
    const claim = { claim: randomUUID(), now: clock.now(), leaseMs: LEASE_MS };
    const row = await claimDueExport(db, claim);
    if (row) await drive(service, row);
    return row !== null;
  };
  return worker({ name: 'profile exporter', db, work: EXPORT_WORK, pollMs: POLL_MS, log, run });
};
