import type { Host } from '../../../../../shared/client/host.ts';
import { onMessageOf, REREAD } from '../../../../../shared/client/on-message.ts';
import { admin } from '../../../../../shared/contracts/admin/admin.ts';
import type { SystemSnapshot } from '../../../../../shared/contracts/admin/system.ts';
import { auth } from '../../../../../shared/contracts/auth/auth.ts';
import type { ResultOf } from '../../../../../shared/contracts/contract.ts';
import { payments } from '../../../../../shared/contracts/payments.ts';
import type { PaymentReport } from '../../../../../shared/contracts/payments/reports.ts';
import { realtime } from '../../../../../shared/contracts/realtime.ts';

const DAY_MS = 86_400_000;
export const CHARTED_DAYS = 30;
/** Changes that follow each other are read once. */
const COLLECT_MS = 2_000;

/** The day some days later, by the calendar alone. */
const dayAfter = (day: string, days: number): string =>
  new Date(Date.parse(day) + days * DAY_MS).toISOString().slice(0, 10);

export type Figures = {
  today: PaymentReport;
  month: PaymentReport;
  activity: ResultOf<typeof auth.actions.activity>;
  /** Null while no process of the service admin can say. */
  system: SystemSnapshot | null;
};

/** The figures of the overview: read again when the server says that something changed. */
export const createFigures = (
  { client, live }: Pick<Host, 'client' | 'live'>,
  days: () => { today: string; timeZone: string },
) => {
  let figures = $state.raw<Figures | null>(null);
  let error = $state.raw<unknown>(null);
  const opened = new AbortController();
  const { signal } = opened;
  let timer: ReturnType<typeof setTimeout> | undefined;

  const read = async (): Promise<Figures> => {
    const { today, timeZone } = days();
    const to = dayAfter(today, 1);
    const from = dayAfter(to, -CHARTED_DAYS);
    const report = (first: string) =>
      client.call(payments.actions.report, { from: first, to, timeZone }, { signal });
    const [ofToday, month, activity, system] = await Promise.all([
      report(today),
      report(from),
      client.call(auth.actions.activity, {}, { signal }),
      client.call(admin.actions.system, {}, { signal }).catch(() => null),
    ]);
    return { today: ofToday, month, activity, system };
  };
  const load = async (): Promise<void> => {
    clearTimeout(timer);
    timer = undefined;
    try {
      figures = await read();
      error = null;
    } catch (problem) {
      // Figures that are shown stay; the next message reads them again.
      if (!signal.aborted && figures === null) error = problem;
    }
  };
  const later = (): void => {
    timer ??= setTimeout(() => void load(), COLLECT_MS);
  };
  const stops = [
    onMessageOf(live, realtime.messages.auditEntriesAdded, later),
    onMessageOf(live, realtime.messages.systemChanged, later),
    live.on(REREAD, later),
    () => clearTimeout(timer),
    () => opened.abort(),
  ];
  return {
    get figures() {
      return figures;
    },
    get error() {
      return error;
    },
    load,
    stop: (): void => stops.forEach((stop) => stop()),
  };
};
