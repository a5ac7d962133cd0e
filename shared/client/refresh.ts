/** A value that all tabs share, another one after each refresh or sign-in. */
export type CookieAge = { read(): string; write(value: string): void };

/** For a browser that shares nothing between tabs. */
export const ageOnThisPage = (): CookieAge => {
  let value = '';
  return { read: () => value, write: (next) => (value = next) };
};

export type RefreshOptions = {
  /** Asks the server for new cookies. */
  send: () => Promise<unknown>;
  age: CookieAge;
  locks: LockManager | undefined;
  /**
   * How long to wait for another tab's refresh: one that was frozen in the middle of it must not stop all.
   */
  limitMs: number;
};

const LOCK = 'payloom-refresh';
/** Until every tab sees the new cookies; calls in this time wait instead of refreshing. */
const LINGER_MS = 100;
const isWaitLimit = (error: unknown): boolean => (error as Partial<Error> | null)?.name === 'TimeoutError';

/**
 * Refreshes the cookies once for all calls and tabs that find them expired at the same time. Takes the `age`
 * from when the refused call was sent, and whether that call was refused twice.
 */
export const createRefresh = ({ send, age, locks, limitMs }: RefreshOptions) => {
  let running: Promise<void> | undefined;

  const refreshIfStill = async (seen: string): Promise<void> => {
    if (age.read() !== seen) return;
    await send();
    age.write(crypto.randomUUID());
  };

  const inTurn = async (seen: string, lock: LockManager): Promise<void> => {
    let began = false;
    const turn = (): Promise<void> => {
      began = true;
      return refreshIfStill(seen);
    };
    await lock.request(LOCK, { signal: AbortSignal.timeout(limitMs) }, turn).catch((error: unknown) => {
      if (began || !isWaitLimit(error)) throw error;
      return turn();
    });
  };

  /** Refreshes unless another tab does; resolves to whether it did. */
  const refreshAsFirst = (seen: string, lock: LockManager): Promise<boolean> =>
    new Promise((resolve, reject) => {
      const turn = async (free: Lock | null): Promise<void> => {
        if (free === null) return resolve(false);
        await refreshIfStill(seen);
        resolve(true);
        await new Promise((lingered) => setTimeout(lingered, LINGER_MS));
      };
      lock.request(LOCK, { ifAvailable: true }, turn).catch(reject);
    });

  const withOthers = async (seen: string, lock: LockManager): Promise<void> => {
    if (await refreshAsFirst(seen, lock)) return;
    // Another tab is refreshing; all tabs share its cookies.
    const wait = { mode: 'shared', signal: AbortSignal.timeout(limitMs) } as const;
    await lock
      .request(LOCK, wait, () => {})
      .catch((error: unknown) => {
        if (!isWaitLimit(error)) throw error;
      });
  };

  return async (seen: string, again: boolean): Promise<void> => {
    // The call was sent before the last refresh ended: the cookies are already new.
    if (age.read() !== seen) return;
    const start = (): Promise<void> => {
      if (!locks) return refreshIfStill(seen);
      return again ? inTurn(seen, locks) : withOthers(seen, locks);
    };
    running ??= start().finally(() => {
      running = undefined;
    });
    await running;
  };
};
