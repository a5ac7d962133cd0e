import { whenIdle } from '../live/when-idle.ts';
import type ConnectionState from './ConnectionState.svelte';

/** What shows that there is no connection, once it is loaded: it shows nothing in the first seconds. */
export const connection = $state<{ State: typeof ConnectionState | null }>({ State: null });

/** Loads it when the page has what it needs for itself. */
export const loadConnectionState = (): void =>
  whenIdle(() => {
    import('./ConnectionState.svelte')
      .then(({ default: State }) => (connection.State = State))
      .catch(() => {});
  });
