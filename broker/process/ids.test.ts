import { newId } from './ids.ts';

describe('an id', () => {
  it('is a UUIDv7 behind its prefix', () => {
    expect(newId('payment', 0)).toMatch(/^pay_0{12}7[0-9a-f]{3}[89ab][0-9a-f]{15}$/);
  });

  it('is never made twice, also within one millisecond', () => {
    const ids = Array.from({ length: 10_000 }, () => newId('event', 1_700_000_000_000));
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('sorts by the time that it was made for', () => {
    const times = [5, 1, 1_700_000_000_000, 42];
    const sorted = times.map((timeMs) => newId('user', timeMs)).toSorted();
    expect(sorted.map((id) => Number.parseInt(id.slice(4, 16), 16))).toEqual([1, 5, 42, 1_700_000_000_000]);
  });
});
