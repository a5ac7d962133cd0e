import { createPoller, poll, paymentDelayMs, listDelayMs, safetyDelayMs } from './poll.ts';
import type { Surroundings } from './poll.ts';

/** A page whose time and visibility the test turns by hand. */
const stage = () => {
  let hidden = false;
  let shown: (() => void) | null = null;
  let live = false;
  let changed: (() => void) | null = null;
  let timer: { delayMs: number; run: () => void } | null = null;
  const surroundings: Surroundings = {
    hidden: () => hidden,
    onShown: (listener) => {
      shown = listener;
      return () => (shown = null);
    },
    isLive: () => live,
    onLive: (listener) => {
      changed = listener;
      return () => (changed = null);
    },
    after: (delayMs, run) => {
      timer = { delayMs, run };
      return () => (timer = null);
    },
  };
  return {
    surroundings,
    delayMs: () => timer?.delayMs ?? null,
    listens: () => shown !== null || changed !== null,
    changeLive: (isLive: boolean) => {
      live = isLive;
      changed?.();
    },
    tick: async () => {
      const due = timer;
      timer = null;
      due?.run();
      await Promise.resolve();
      await Promise.resolve();
    },
    hide: () => (hidden = true),
    show: async () => {
      hidden = false;
      shown?.();
      await Promise.resolve();
      await Promise.resolve();
    },
  };
};

describe('delays', () => {
  it('grow to 2 s and stay there while one payment is polled', () => {
    const delays = [0, 1, 2, 3, 4, 5, 6, 100].map(paymentDelayMs);
    expect(delays[0]).toBe(250);
    expect(delays).toEqual([...delays].sort((a, b) => a - b));
    expect(delays.at(-1)).toBe(2_000);
  });

  it('of a list come to an end', () => {
    expect(listDelayMs(0)).toBe(3_000);
    expect(listDelayMs(50)).toBe(15_000);
    expect(listDelayMs(60)).toBeNull();
  });
});

describe('delays while messages arrive', () => {
  it('are long ones, and come to an end', () => {
    expect([safetyDelayMs(0), safetyDelayMs(39), safetyDelayMs(40)]).toEqual([15_000, 15_000, null]);
  });

  it('restart as soon as no more messages arrive', () => {
    const page = stage();
    page.changeLive(true);
    poll({ read: async () => true, delayMs: paymentDelayMs, surroundings: page.surroundings });
    expect(page.delayMs()).toBe(15_000);
    page.changeLive(false);
    expect(page.delayMs()).toBe(250);
    page.changeLive(true);
    expect(page.delayMs()).toBe(15_000);
  });

  it('are the given ones, and none where messages suffice', () => {
    const page = stage();
    const delays = { delayMs: paymentDelayMs, liveDelayMs: () => null };
    page.changeLive(true);
    poll({ read: async () => true, ...delays, surroundings: page.surroundings });
    expect(page.delayMs()).toBeNull();
    page.changeLive(false);
    expect(page.delayMs()).toBe(250);
  });

  it('leave a read that is under way alone', async () => {
    const page = stage();
    poll({
      read: () => new Promise(() => {}),
      delayMs: paymentDelayMs,
      surroundings: page.surroundings,
    });
    await page.tick();
    page.changeLive(true);
    expect(page.delayMs()).toBeNull();
  });
});

describe('polling', () => {
  it('reads until there is no more to poll, then removes its listeners', async () => {
    const page = stage();
    const answers = [true, true, false];
    let reads = 0;
    const read = async (): Promise<boolean> => answers[reads++] ?? false;
    poll({ read, delayMs: paymentDelayMs, surroundings: page.surroundings });
    while (page.delayMs() !== null) await page.tick();
    expect(reads).toBe(3);
    expect(page.listens()).toBe(false);
  });

  it('does not read for a hidden page and reads at once when it is shown again', async () => {
    const page = stage();
    let reads = 0;
    const read = async (): Promise<boolean> => ++reads < 10;
    poll({ read, delayMs: paymentDelayMs, surroundings: page.surroundings });
    page.hide();
    await page.tick();
    expect(reads).toBe(0);
    await page.show();
    expect(reads).toBe(1);
    expect(page.delayMs()).toBe(250);
  });

  it('never runs two reads at once', async () => {
    const page = stage();
    let reads = 0;
    const read = (): Promise<boolean> => (reads++, new Promise(() => {}));
    poll({ read, delayMs: paymentDelayMs, surroundings: page.surroundings });
    await page.tick();
    await page.show();
    expect(reads).toBe(1);
  });

  it('stops, and ignores the running read', async () => {
    const page = stage();
    let aborted = false;
    const read = (signal: AbortSignal): Promise<boolean> => {
      signal.addEventListener('abort', () => (aborted = true));
      return new Promise(() => {});
    };
    const stop = poll({ read, delayMs: paymentDelayMs, surroundings: page.surroundings });
    await page.tick();
    stop();
    expect(aborted).toBe(true);
    expect(page.delayMs()).toBeNull();
  });
});

it('starts once and ends when there is no more to poll', async () => {
  const page = stage();
  let reads = 0;
  const read = async (): Promise<boolean> => ++reads < 100;
  const poller = createPoller({ read, delayMs: paymentDelayMs, surroundings: page.surroundings });
  expect(poller.pollIf(true)).toBe(true);
  poller.pollIf(true);
  await page.tick();
  expect(reads).toBe(1);
  poller.pollIf(false);
  await page.tick();
  expect(reads).toBe(1);
  poller.pollIf(true);
  await page.tick();
  expect(reads).toBe(2);
});
