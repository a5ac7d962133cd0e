/**
 * A value that all tabs share, another one after each change of the cookies. Its part before the dot changes
 * with each sign-in and sign-out, the part after it with each refresh.
 */
export type CookieAge = { read(): string; write(value: string): void };

/** For a browser that shares nothing between tabs. */
export const ageOnThisPage = (): CookieAge => {
  let value = '';
  return { read: () => value, write: (next) => (value = next) };
};

const sessionOf = (age: string): string => age.split('.', 1)[0] ?? '';

/** False when the user has signed in or out between the two ages, in any tab. */
export const isSameSession = (age: string, other: string): boolean => sessionOf(age) === sessionOf(other);

/** The age of cookies that a sign-in has set or a sign-out removed. */
export const ageOfNewSession = (): string => `${crypto.randomUUID()}.0`;

const ageAfterRefresh = (age: string): string => `${sessionOf(age)}.${crypto.randomUUID()}`;

export type CookieChangeOptions = {
  /** Asks the server for new cookies. */
  refresh: () => Promise<unknown>;
  age: CookieAge;
  locks: LockManager | null | undefined;
  /**
   * How long to wait for another tab's change: one that was frozen in the middle of it must not stop all.
   */
  limitMs: number;
};

export type CookieChanges = {
  /**
   * Refreshes the cookies once for all calls and tabs that find them expired at the same time. Takes the
   * `age` from when the refused call was sent, and whether that call was refused twice.
   */
  refresh(seen: string, again: boolean): Promise<void>;
  /**
   * Runs a sign-in or sign-out while no tab refreshes, signs in or signs out: a browser takes the cookies of
   * each answer, so the later answer to an older request would replace or remove newer cookies.
   */
  inTurn<T>(change: () => Promise<T>): Promise<T>;
};

const LOCK = 'payloom-refresh';
/** Until every tab sees the new cookies; calls in this time wait instead of refreshing. */
const LINGER_MS = 100;
const isWaitLimit = (error: unknown): boolean => (error as Partial<Error> | null)?.name === 'TimeoutError';

/** One change at a time: in all tabs with Web Locks, else on this page. */
const createTurns = (locks: CookieChangeOptions['locks'], limitMs: number): CookieChanges['inTurn'] => {
  let last: Promise<unknown> = Promise.resolve();
  return <T>(change: () => Promise<T>): Promise<T> => {
    if (!locks) {
      const turn = last.then(change);
      last = turn.catch(() => {});
      return turn;
    }
    let began = false;
    const turn = (): Promise<T> => {
      began = true;
      return change();
    };
    const whole = locks.request(LOCK, { signal: AbortSignal.timeout(limitMs) }, turn) as Promise<T>;
    return whole.catch((error: unknown) => {
      if (began || !isWaitLimit(error)) throw error;
      return turn();
    });
  };
};

/** Changes the cookies of a browser, whose tabs share them. */
export const createCookieChanges = (options: CookieChangeOptions): CookieChanges => {
  const { age, locks, limitMs } = options;
  const inTurn = createTurns(locks, limitMs);
  let running: Promise<void> | undefined;

  const refreshIfStill = async (seen: string): Promise<void> => {
    if (age.read() !== seen) return;
    await options.refresh();
    age.write(ageAfterRefresh(age.read()));
  };

  /** Refreshes unless another tab changes the cookies; resolves to whether it did. */
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
    // Another tab is changing the cookies; all tabs share them.
    const wait = { mode: 'shared', signal: AbortSignal.timeout(limitMs) } as const;
    await lock
      .request(LOCK, wait, () => {})
      .catch((error: unknown) => {
        if (!isWaitLimit(error)) throw error;
      });
  };

  return {
    inTurn,
    refresh: async (seen, again) => {
      // The call was sent before the last change ended: the cookies are already new.
      if (age.read() !== seen) return;
      const start = (): Promise<void> =>
        locks && !again ? withOthers(seen, locks) : inTurn(() => refreshIfStill(seen));
      running ??= start().finally(() => {
        running = undefined;
      });
      await running;
    },
  };
};
