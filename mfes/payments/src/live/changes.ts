import { onMessageOf, REREAD } from '../../../../shared/client/on-message.ts';
import type { Host } from '../../../../shared/client/host.ts';
import type { PaymentId } from '../../../../shared/contracts/ids.ts';
import type { Payment } from '../../../../shared/contracts/payments.ts';
import { realtime } from '../../../../shared/contracts/realtime.ts';
import { isUnfinished } from '../texts.ts';
import type { Surroundings } from './poll.ts';
import { createDebounce } from './debounce.ts';

/** Up to this many changed payments are read one by one; beyond it the whole page is read. */
const READ_ONE_BY_ONE_MAX = 3;
/** A page costs more than a payment. */
const ALL_EVERY_MS = 300;
const ONLY_EVERY_MS = 100;
const LOOK_EVERY_MS = 1_000;
/** Administrators get no message about one payment: their page is read again when something has happened. */
const BUSY_EVERY_MS = 5_000;

/** What the page provides. */
export type Page = {
  /** The version that is shown; undefined when the payment is not on the page. */
  versionOf(id: PaymentId): number | undefined;
  /** Whether what is shown may still change. */
  mayChange(): boolean;
  /** Whether a payment that is not shown may belong to the page. */
  mayGrow(): boolean;
  /** A payment that is not shown was created or changed, and the page does not show it by itself. */
  lookForNew(): void;
  readAll(): void;
  readOnly(ids: PaymentId[]): void;
};

/**
 * Subscribes to changes of payments and makes the page read them, in few requests; returns the
 * unsubscription.
 */
export const watchChanges = (
  host: Pick<Host, 'live' | 'on'>,
  surroundings: Surroundings,
  page: Page,
): (() => void) => {
  let changed = new Set<PaymentId>();
  const all = createDebounce(
    ALL_EVERY_MS,
    () => {
      changed = new Set();
      page.readAll();
    },
    surroundings,
  );
  const only = createDebounce(
    ONLY_EVERY_MS,
    () => {
      const ids = [...changed];
      if (ids.length > READ_ONE_BY_ONE_MAX) return all.ask();
      changed = new Set();
      if (ids.length > 0) page.readOnly(ids);
    },
    surroundings,
  );
  const look = createDebounce(LOOK_EVERY_MS, page.lookForNew, surroundings);
  const busy = createDebounce(BUSY_EVERY_MS, page.readAll, surroundings);
  const stops = [
    onMessageOf(host.live, realtime.messages.paymentChanged, ({ id, version }) => {
      const shown = page.versionOf(id);
      if (shown === undefined) return page.mayGrow() ? all.ask() : look.ask();
      if (version <= shown) return undefined;
      changed.add(id);
      only.ask();
    }),
    // A notice, to administrators only.
    onMessageOf(host.live, realtime.messages.auditEntriesAdded, () => {
      if (page.mayChange()) busy.ask();
    }),
    host.live.on(REREAD, all.ask),
    host.on('live', () => {
      if (host.live.state() === 'connected') all.ask();
    }),
    all.stop,
    only.stop,
    look.stop,
    busy.stop,
  ];
  return () => stops.forEach((stop) => stop());
};

/** The same for a page that shows one payment; null until it was read. */
export const watchChangesOf = (
  id: string,
  host: Pick<Host, 'live' | 'on'>,
  surroundings: Surroundings,
  { shown, read }: { shown(): Payment | null; read(): void },
): (() => void) =>
  watchChanges(host, surroundings, {
    versionOf: (changed) => (changed === id ? (shown()?.version ?? 0) : undefined),
    mayChange: () => {
      const payment = shown();
      return payment !== null && isUnfinished(payment);
    },
    mayGrow: () => false,
    lookForNew: () => {},
    readAll: read,
    readOnly: read,
  });
