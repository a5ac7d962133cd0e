import type { Host } from '../../../shared/client/host.ts';
import { toast } from '../../../shared/ui/toasts.svelte.ts';
import { live, liveChanged, onMessage } from './live/live.svelte.ts';
import { guardLeave } from './routing/leaving.svelte.ts';
import { setTitle } from './routing/page.svelte.ts';
import { preferences, preferencesChanged, savePreferences } from './preferences/preferences.svelte.ts';
import { navigate, pathChanged, router } from './routing/router.svelte.ts';
import { remoteOf } from './routing/routes.ts';
import {
  client,
  hasExpired,
  session,
  sessionChanged,
  sessionEnded,
  sessionStarted,
} from './session/session.svelte.ts';

const changes = { session: sessionChanged, live: liveChanged, preferences: preferencesChanged };

/** The host object of one remote. It receives path changes only while the path belongs to it. */
export const hostFor = (name: string): Host => ({
  path: () => router.path,
  navigate,
  guardLeave,
  session: {
    user: () => $state.snapshot(session.user),
    hasExpired,
    started: sessionStarted,
    ended: sessionEnded,
  },
  client,
  live: { on: onMessage, state: () => live.state },
  preferences: { get: () => preferences.current, save: savePreferences },
  toast,
  setTitle,
  get locale() {
    return preferences.locale;
  },
  on: (event, listener) => {
    if (event !== 'path') return changes[event].on(listener);
    return pathChanged.on(() => {
      if (remoteOf(router.path) === name) listener();
    });
  },
});
