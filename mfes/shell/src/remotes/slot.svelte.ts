import { untrack } from 'svelte';
import { loadRemote } from '../remotes.ts';
import { leaveGuard } from '../routing/leaving.svelte.ts';
import { attemptsAt, failedRuns, noteFailed, reportBroken } from './broken.ts';
import type { Fallback, Loaded, LoadMode } from './loaded.ts';
import { mountInto } from './mounted.ts';
import { registerPart } from './parts.ts';
import { createRetry } from './retry.svelte.ts';
import { rememberWorked } from './worked.ts';

/** A version that fails again and again after it was mounted is no longer mounted without being asked. */
const RUNS_MAX = 3;

/** `after`: what has just failed, which is shown where there is no other version. `isAsked`: by the user. */
type Show = { after?: Error; isAsked?: boolean };

/** One place for one remote: loads and mounts it, and again when it fails. */
export class Slot {
  phase = $state<'loading' | 'shown' | 'failed'>('loading');
  error = $state.raw<unknown>(null);
  /** Whether an attempt is under way behind the card. */
  isTrying = $state(false);
  fallback = $state<Fallback>(null);
  /** Whether the version that should be shown works again, behind another one. */
  isNewestReady = $state(false);
  readonly retry = createRetry(() => void (this.phase === 'shown' ? this.#probe() : this.#show('again')));
  readonly #name: string;
  #place: HTMLElement | null = null;
  #end = (): void => {};
  #run = 0;

  constructor(name: string) {
    this.#name = name;
  }

  /** Fills a place in the page; returns the function that empties it. */
  fill = (node: HTMLElement): (() => void) => {
    this.#place = node;
    const stops = untrack(() => [this.retry.follow(), registerPart(this.#name, this.reload)]);
    untrack(() => void this.#show('kept'));
    return () => {
      this.#place = null;
      stops.forEach((stop) => stop());
      this.#end();
    };
  };

  /** Shows it again because the user asks for it. */
  again = (): void => void this.#show('again', { isAsked: true });

  /** Loads what is shown again, after a question about what is unsaved. */
  reload = (): void => void leaveGuard.leave(this.again);

  async #show(mode: LoadMode, { after, isAsked = false }: Show = {}): Promise<void> {
    const run = ++this.#run;
    const isOver = (): boolean => run !== this.#run || this.#place === null;
    this.retry.cancel();
    this.isTrying = this.phase === 'failed';
    try {
      const loaded = await loadRemote(this.#name, mode);
      if (isOver()) return;
      const { version } = loaded.files;
      const isTired = after
        ? attemptsAt(this.#name, version) > 0
        : failedRuns(this.#name, version) >= RUNS_MAX;
      if (isTired && !isAsked) this.#showCard(after ?? this.error);
      else this.#mount(loaded);
    } catch (cause) {
      if (!isOver()) this.#showCard(cause);
    } finally {
      if (run === this.#run) this.isTrying = false;
    }
  }

  #showCard(cause: unknown): void {
    this.#end();
    this.error = cause;
    this.phase = 'failed';
    this.retry.schedule();
  }

  #mount(loaded: Loaded): void {
    if (this.#place === null) return;
    this.#end();
    this.phase = 'shown';
    this.fallback = loaded.fallback;
    this.isNewestReady = false;
    this.#end = mountInto(this.#place, this.#name, loaded, {
      failed: (cause) => this.#failed(cause, loaded),
      worked: () => {
        this.retry.reset();
        rememberWorked(this.#name, loaded.files);
        if (loaded.fallback === 'broken') this.retry.schedule();
      },
    });
  }

  /** What was mounted does not work: another version takes its place, or a card. */
  #failed(cause: unknown, { files }: Loaded): void {
    this.#end();
    noteFailed(this.#name, files.version, cause);
    const after = reportBroken(this.#name, cause);
    this.phase = 'loading';
    void this.#show('other', { after });
  }

  /** Looks behind what is shown whether the newest version works again. */
  async #probe(): Promise<void> {
    const run = this.#run;
    const isReady = await loadRemote(this.#name, 'newest').then(
      () => true,
      () => false,
    );
    if (run !== this.#run || this.#place === null) return;
    this.isNewestReady = isReady;
    if (!isReady) this.retry.schedule();
  }
}
