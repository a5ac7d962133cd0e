import type { Host, PreferencesChange } from '../../../../../shared/client/host.ts';
import { profile, type Preferences } from '../../../../../shared/contracts/profile.ts';
import { whatIsShown } from './displayed-values.ts';

const SAVED_MS = 4_000;

type State =
  { kind: 'saving'; change: PreferencesChange } | { kind: 'saved' } | { kind: 'failed'; error: unknown };

/** How saving went, by the name of what was changed. */
const createStates = () => {
  let states = $state.raw<Readonly<Record<string, State>>>({});
  const latest = new Map<string, symbol>();
  const timers = new Set<ReturnType<typeof setTimeout>>();
  return {
    get all() {
      return states;
    },
    /** Gives back how to report of a change; only the last one of a thing has something to say about it. */
    begin(name: string): (state: State) => void {
      const mine = Symbol(name);
      latest.set(name, mine);
      return (state) => {
        if (latest.get(name) !== mine) return;
        states = { ...states, [name]: state };
        if (state.kind !== 'saved') return;
        const clear = (): void => {
          const { [name]: gone, ...rest } = states;
          if (gone === state) states = rest;
        };
        timers.add(setTimeout(clear, SAVED_MS));
      };
    },
    stop: (): void => timers.forEach((timer) => clearTimeout(timer)),
  };
};

/** The preferences that the shell keeps, for a page that changes them. */
export const createPreferences = (host: Host) => {
  let shell = $state.raw(host.preferences.get());
  let read = $state.raw<Preferences | null>(null);
  let error = $state.raw<unknown>(null);
  const states = createStates();
  const opened = new AbortController();
  const unsubscribe = host.on('preferences', () => (shell = host.preferences.get()));

  const underWay = $derived(
    Object.values(states.all).flatMap((state) => (state.kind === 'saving' ? [state.change] : [])),
  );
  const shown = $derived(whatIsShown(shell, read, underWay));

  return {
    /** Null as long as they are not known. */
    get shown() {
      return shown;
    },
    /** Why they could not be read. */
    get error() {
      return error;
    },
    kindOf: (name: string): State['kind'] | undefined => states.all[name]?.kind,
    /** Why the last change was not saved; null where it was. */
    errorOf(name: string): unknown {
      const state = states.all[name];
      return state?.kind === 'failed' ? state.error : null;
    },
    /** The shell reads them when it finds the time; a page that shows them cannot wait for that. */
    async load(): Promise<void> {
      error = null;
      try {
        read = await host.client.call(profile.actions.preferences, {}, { signal: opened.signal });
      } catch (problem) {
        if (!opened.signal.aborted) error = problem;
      }
    },
    async save(name: string, change: PreferencesChange): Promise<void> {
      const report = states.begin(name);
      report({ kind: 'saving', change });
      try {
        await host.preferences.save(change);
        report({ kind: 'saved' });
      } catch (problem) {
        report({ kind: 'failed', error: problem });
      }
    },
    stop(): void {
      opened.abort();
      unsubscribe();
      states.stop();
    },
  };
};
export type PreferencesView = ReturnType<typeof createPreferences>;
