import type { Surroundings } from './poll.ts';
import { createDebounce } from './debounce.ts';

/** A page whose time and visibility the test turns by hand. */
const stage = () => {
  let nowMs = 0;
  let hidden = false;
  let shown = (): void => {};
  let timers: { atMs: number; run: () => void }[] = [];
  const reads: number[] = [];
  const surroundings: Surroundings = {
    hidden: () => hidden,
    onShown: (listener) => {
      shown = listener;
      return () => (shown = () => {});
    },
    isLive: () => true,
    onLive: () => () => {},
    after: (delayMs, run) => {
      const timer = { atMs: nowMs + delayMs, run };
      timers.push(timer);
      return () => (timers = timers.filter((one) => one !== timer));
    },
  };
  const pass = (ms: number): void => {
    const endMs = nowMs + ms;
    for (;;) {
      const next = timers.filter(({ atMs }) => atMs <= endMs).sort((a, b) => a.atMs - b.atMs)[0];
      if (next === undefined) break;
      timers = timers.filter((one) => one !== next);
      nowMs = next.atMs;
      next.run();
    }
    nowMs = endMs;
  };
  const debounce = createDebounce(300, () => reads.push(nowMs), surroundings);
  return {
    ...debounce,
    reads,
    pass,
    hide: () => (hidden = true),
    show: () => {
      hidden = false;
      shown();
    },
  };
};

describe('reasons to read', () => {
  it('that come together make one read, at once', () => {
    const { ask, pass, reads } = stage();
    ask();
    ask();
    pass(0);
    expect(reads).toEqual([0]);
  });

  it('in a burst make one read in 300 ms, and the last one is included', () => {
    const { ask, pass, reads } = stage();
    for (let index = 0; index < 100; index++) {
      ask();
      pass(10);
    }
    pass(5_000);
    expect(reads).toEqual([0, 300, 600, 900, 1_200]);
  });

  it('wait while the page is hidden, and are one when it is shown again', () => {
    const { ask, pass, reads, hide, show } = stage();
    hide();
    ask();
    pass(1_000);
    ask();
    pass(1_000);
    expect(reads).toEqual([]);
    show();
    expect(reads).toEqual([2_000]);
    show();
    expect(reads).toHaveLength(1);
  });

  it('are none any more once it is stopped', () => {
    const { ask, pass, stop, reads } = stage();
    ask();
    stop();
    pass(1_000);
    expect(reads).toEqual([]);
  });
});
