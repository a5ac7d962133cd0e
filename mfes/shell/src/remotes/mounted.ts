import { UnreachableError } from '../../../../shared/client/problem.ts';
import { hostFor } from '../host.svelte.ts';
import { leaveGuard } from '../routing/leaving.svelte.ts';
import type { Loaded } from './loaded.ts';
import { useStyles } from './manifest.ts';

/** A remote that has drawn nothing by then is taken as broken, and one that has as working. */
const DRAWN_MS = 5_000;
const WORKED_MS = 1_000;

type Listener = { failed(cause: unknown): void; worked(): void };

/** Takes a remote out of the page. What it throws then is reported, and stops nothing. */
const takeDown = (target: HTMLElement, unmount: (() => void) | undefined): void => {
  try {
    unmount?.();
  } catch (cause) {
    reportError(cause);
  }
  leaveGuard.clear();
  target.remove();
};

/**
 * Mounts a remote into a place of the page, instead of what is there. The listener gets to know once that
 * it has failed, at once or later, until the returned function takes it out again.
 */
export const mountInto = (
  place: HTMLElement,
  name: string,
  { mount, files }: Loaded,
  { failed, worked }: Listener,
): (() => void) => {
  const target = document.createElement('div');
  target.dataset['mf'] = name;
  let isThere = true;
  const fail = (cause: unknown): void => {
    if (isThere) failed(cause);
  };
  const isDrawn = (): boolean => target.childElementCount > 0;
  const timers = [
    setTimeout(() => isDrawn() && worked(), WORKED_MS),
    setTimeout(() => {
      if (!isDrawn()) fail(new UnreachableError(`remote ${name} drew nothing`));
    }, DRAWN_MS),
  ];
  let unmount: (() => void) | undefined;
  const end = (): void => {
    if (!isThere) return;
    isThere = false;
    timers.forEach(clearTimeout);
    takeDown(target, unmount);
  };
  place.replaceChildren(target);
  useStyles(name, files.version);
  // Later, because a remote that is still at it must not be taken away under its own hands.
  const host = hostFor(name, (cause) => queueMicrotask(() => fail(cause)));
  try {
    unmount = mount(target, host);
  } catch (cause) {
    queueMicrotask(() => fail(cause));
  }
  return end;
};
