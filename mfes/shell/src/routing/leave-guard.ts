type Options = {
  /** Asks the user whether to leave; resolves to the answer. */
  ask(): Promise<boolean>;
  /** Takes an open question back: nothing is left to lose. */
  withdraw(): void;
  /** Where the browser announces a reload, a closed tab or another site: the window. */
  page: EventTarget;
};

/**
 * Asks before the user leaves a page on which something unsaved was typed. Within our own pages the question
 * is ours; before a reload or a closed tab it is the browser's.
 */
export const createLeaveGuard = ({ ask, withdraw, page }: Options) => {
  /** Each check with what is called when the user leaves in spite of it. */
  const checks = new Map<() => boolean, () => void>();
  let asking = false;

  const isUnsaved = (): boolean => [...checks.keys()].some((check) => check());
  const warn = (event: Event): void => {
    if (isUnsaved()) event.preventDefault();
  };

  const release = (check: () => boolean): void => {
    checks.delete(check);
    if (checks.size > 0) return;
    page.removeEventListener('beforeunload', warn);
    if (asking) withdraw();
  };

  return {
    isUnsaved,
    /**
     * Guards the page while `check` says that something is unsaved; returns the function that ends it.
     * `givenUp` is called when the user has agreed that it is lost.
     */
    add: (check: () => boolean, givenUp = (): void => {}): (() => void) => {
      const own = (): boolean => check();
      checks.set(own, givenUp);
      // Only while it is needed: the listener alone keeps some browsers from caching the page.
      page.addEventListener('beforeunload', warn);
      return () => release(own);
    },
    /** Ends all guards: the page that set them is gone. */
    clear: (): void => [...checks.keys()].forEach(release),
    /** Leaves by `go`, at once or when the user agrees. While a question is open, nothing else is asked. */
    leave: async (go: () => void): Promise<void> => {
      if (!isUnsaved()) return go();
      if (asking) return;
      asking = true;
      try {
        if (!(await ask())) return;
        for (const givenUp of checks.values()) givenUp();
        go();
      } finally {
        asking = false;
      }
    },
  };
};
