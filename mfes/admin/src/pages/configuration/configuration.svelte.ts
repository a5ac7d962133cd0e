import type { Host } from '../../../../../shared/client/host.ts';
import { onMessageOf, REREAD } from '../../../../../shared/client/on-message.ts';
import { admin } from '../../../../../shared/contracts/admin/admin.ts';
import type {
  SettingChange,
  SettingKey,
  SettingStates,
} from '../../../../../shared/contracts/admin/settings.ts';
import type { ListedApproval } from '../../../../../shared/contracts/auth/approvals.ts';
import { auth } from '../../../../../shared/contracts/auth/auth.ts';
import { realtime } from '../../../../../shared/contracts/realtime.ts';
import { createLiveRead } from '../../parts/live-read.svelte.ts';

export type Configuration = {
  settings: SettingStates;
  /** The last change of each setting; null before the first one. */
  last: Record<SettingKey, SettingChange | null>;
  /** Requests that wait for another administrator. */
  waiting: readonly ListedApproval[];
};

/** The changes of settings, the newest first. */
export const readChanges = (
  { client }: Pick<Host, 'client'>,
  params: { key: SettingKey; limit: number; cursor?: string },
  signal: AbortSignal,
) => client.call(admin.actions.settingChanges, params, { signal });

/** All settings, with who changed them last and why, and with what waits; read again after each change. */
export const createConfiguration = (host: Pick<Host, 'client' | 'live' | 'on'>) => {
  const { client, live } = host;
  const read = createLiveRead(async (signal): Promise<Configuration> => {
    const lastOf = async (key: SettingKey) =>
      (await readChanges(host, { key, limit: 1 }, signal)).items[0] ?? null;
    const [settings, paymentsStopped, signUpsStopped, largestAmounts, approvals] = await Promise.all([
      client.call(admin.actions.settings, {}, { signal }),
      lastOf('paymentsStopped'),
      lastOf('signUpsStopped'),
      lastOf('largestAmounts'),
      client.call(auth.actions.approvals, { state: 'waiting', limit: 100 }, { signal }),
    ]);
    const waiting = approvals.items.filter(({ act }) => act === 'changeSetting');
    return { settings, last: { paymentsStopped, signUpsStopped, largestAmounts }, waiting };
  });
  const again = (): void => void read.read();
  const stops = [
    onMessageOf(live, realtime.messages.settingsChanged, again),
    onMessageOf(live, realtime.messages.approvalsChanged, again),
    live.on(REREAD, again),
    // A notice is not kept for a socket that was away.
    host.on('live', () => {
      if (live.state() === 'connected') again();
    }),
    read.stop,
  ];
  return {
    ...read,
    get shown() {
      return read.shown;
    },
    stop: (): void => stops.forEach((stop) => stop()),
  };
};
