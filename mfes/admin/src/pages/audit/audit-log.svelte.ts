import type { Host } from '../../../../../shared/client/host.ts';
import { onMessageOf, REREAD } from '../../../../../shared/client/on-message.ts';
import { admin } from '../../../../../shared/contracts/admin/admin.ts';
import type { AuditEntry } from '../../../../../shared/contracts/admin/audit.ts';
import { realtime } from '../../../../../shared/contracts/realtime.ts';
import { createKeysetList } from '../../parts/keyset-list.svelte.ts';
import type { AuditListParams } from './filters.ts';
import { arrivalsText, newsAmong } from './arrivals.ts';

/** So long messages are collected. */
const COLLECT_MS = 2_000;
const LOOK_LIMIT = 100;

/** One page of the audit log, and how many entries were added to the list since it was opened. */
export const createAuditLog = (host: Host) => {
  const { client, live } = host;
  let arrivals = $state('');
  let filters: AuditListParams = {};
  /** The newest entry of the list when it was opened; '' where the list was empty. */
  let newest: string | null = null;
  let timer: ReturnType<typeof setTimeout> | undefined;

  const read = (params: AuditListParams, signal?: AbortSignal) =>
    client.call(admin.actions.auditEntries, params, signal ? { signal } : {});

  const look = async (): Promise<void> => {
    const own = filters;
    const found = await read({ ...own, limit: LOOK_LIMIT }).catch(() => null);
    if (found === null || own !== filters) return;
    newest ??= found.items[0]?.id ?? '';
    const news = newsAmong(found.items, newest, host.session.user()?.id);
    arrivals = arrivalsText(news.length, LOOK_LIMIT);
  };

  const list = createKeysetList<AuditEntry, AuditListParams>(async (params, signal) => {
    const { cursor, limit: _limit, ...narrowing } = params;
    const isSameList = JSON.stringify(narrowing) === JSON.stringify(filters);
    if (!isSameList || cursor === undefined) [filters, newest, arrivals] = [narrowing, null, ''];
    const page = await read(params, signal);
    if (cursor === undefined) newest = page.items[0]?.id ?? '';
    // A later page that was opened by its address: what is new is what comes from now on.
    else if (newest === null) void look();
    return page;
  });

  const wake = (): void => {
    timer ??= setTimeout(() => {
      timer = undefined;
      if (!document.hidden && !list.shown.loading) void look();
    }, COLLECT_MS);
  };
  document.addEventListener('visibilitychange', wake);
  const stops = [
    onMessageOf(live, realtime.messages.auditEntriesAdded, wake),
    live.on(REREAD, wake),
    () => document.removeEventListener('visibilitychange', wake),
    () => clearTimeout(timer),
    list.stop,
  ];
  return {
    ...list,
    get shown() {
      return list.shown;
    },
    /** `3 new entries`; empty while there are none. */
    get arrivals() {
      return arrivals;
    },
    stop: (): void => stops.forEach((stop) => stop()),
  };
};
