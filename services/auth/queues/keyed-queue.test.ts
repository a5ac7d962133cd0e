import { createKeyedQueue } from './keyed-queue.ts';

const heldWork = () => {
  const order: number[] = [];
  const release: (() => void)[] = [];
  let running = 0;
  let peak = 0;
  const work = (index: number) => async () => {
    running += 1;
    peak = Math.max(peak, running);
    order.push(index);
    await new Promise<void>((resolve) => release.push(resolve));
    running -= 1;
    return index;
  };
  const drain = async (): Promise<void> => {
    while (release.length > 0) {
      release.shift()?.();
      await new Promise(setImmediate);
    }
  };
  return { work, drain, order, peak: () => peak };
};

describe('a keyed queue', () => {
  it('limits the concurrency of a key and keeps the order of arrival', async () => {
    const { work, drain, order, peak } = heldWork();
    const queue = createKeyedQueue(2, 10);
    const all = Promise.all([0, 1, 2, 3, 4, 5].map((index) => queue('a', work(index))));
    await new Promise(setImmediate);
    await drain();
    expect(await all).toEqual([0, 1, 2, 3, 4, 5]);
    expect(order).toEqual([0, 1, 2, 3, 4, 5]);
    expect(peak()).toBe(2);
  });

  it('refuses work while the queue of its key is full, and not for other keys', async () => {
    const { work, drain } = heldWork();
    const queue = createKeyedQueue(1, 1);
    const accepted = [queue('a', work(0)), queue('a', work(1)), queue('b', work(2))];
    await expect(queue('a', work(3))).rejects.toMatchObject({
      code: 'unavailable',
      data: { retryAfterS: 1 },
    });
    await new Promise(setImmediate);
    await drain();
    expect(await Promise.all(accepted)).toEqual([0, 1, 2]);
    const later = queue('a', work(4));
    await new Promise(setImmediate);
    await drain();
    expect(await later).toBe(4);
  });

  it('continues after work that fails', async () => {
    const queue = createKeyedQueue(1, 1);
    const failing = queue('a', () => Promise.reject(new Error('broken')));
    const next = queue('a', () => Promise.resolve('done'));
    await expect(failing).rejects.toThrow('broken');
    expect(await next).toBe('done');
  });
});
