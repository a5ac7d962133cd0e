import type { Attachment } from 'svelte/attachments';
import { router } from '../routing/router.svelte.ts';

/**
 * A button and the panel below it, as a header has them: not an ARIA menu, so that Tab goes through it as
 * through any navigation. Escape, a press outside, a focus elsewhere and a new page close it. Attach `root`
 * around both, and `opener` to the button, which has the focus again after Escape.
 */
export const createDisclosure = () => {
  let open = $state(false);
  let button: HTMLElement | null = null;

  $effect(() => {
    void router.path;
    open = false;
  });

  const opener: Attachment<HTMLElement> = (node) => {
    button = node;
  };
  const root: Attachment<HTMLElement> = (node) => {
    const pressed = (event: Event): void => {
      if (!event.composedPath().includes(node)) open = false;
    };
    const left = (event: FocusEvent): void => {
      if (event.relatedTarget instanceof Node && !node.contains(event.relatedTarget)) open = false;
    };
    const keyed = (event: KeyboardEvent): void => {
      if (event.key !== 'Escape' || !open) return;
      open = false;
      button?.focus();
    };
    document.addEventListener('pointerdown', pressed);
    // Not every browser gives a button the focus that is pressed with a mouse.
    document.addEventListener('keydown', keyed);
    node.addEventListener('focusout', left);
    return () => {
      document.removeEventListener('pointerdown', pressed);
      document.removeEventListener('keydown', keyed);
      node.removeEventListener('focusout', left);
    };
  };

  return {
    get open() {
      return open;
    },
    toggle: (): void => {
      open = !open;
    },
    /** Closes it; where that leads to no other page, the button has the focus again. */
    leave: (): void => {
      open = false;
      button?.focus();
    },
    root,
    opener,
  };
};
