import { makeQueue } from './queue.ts';

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

describe('the queue of password hashes', () => {
  it('runs no more at once than it may, in the order of arrival', async () => {
    const { work, drain, order, peak } = heldWork();
    const queue = makeQueue(2, 10);
    const all = Promise.all([0, 1, 2, 3, 4, 5].map((index) => queue(work(index))));
    await new Promise(setImmediate);
    await drain();
    expect(await all).toEqual([0, 1, 2, 3, 4, 5]);
    expect(order).toEqual([0, 1, 2, 3, 4, 5]);
    expect(peak()).toBe(2);
  });

  it('tells who finds the line full to come back later', async () => {
    const { work, drain } = heldWork();
    const queue = makeQueue(1, 1);
    const served = [queue(work(0)), queue(work(1))];
    await expect(queue(work(2))).rejects.toMatchObject({ code: 'unavailable', data: { retryAfterS: 1 } });
    await new Promise(setImmediate);
    await drain();
    expect(await Promise.all(served)).toEqual([0, 1]);
  });

  it('goes on after work that fails', async () => {
    const queue = makeQueue(1, 1);
    const fails = queue(() => Promise.reject(new Error('broken')));
    const follows = queue(() => Promise.resolve('done'));
    await expect(fails).rejects.toThrow('broken');
    expect(await follows).toBe('done');
  });
});
