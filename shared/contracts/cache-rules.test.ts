import { CONTRACTS } from './all.ts';
import type { Action } from './contract.ts';

const events = new Set(
  CONTRACTS.flatMap((contract) => Object.values(contract.events).map(({ name }) => name)),
);
const kept = CONTRACTS.flatMap((contract): readonly Action[] => Object.values(contract.actions)).filter(
  (action) => action.cache,
);

test('kept answers are those of reads, keyed by every param, cleared by events that exist', () => {
  for (const { name, idempotent, params, cache } of kept) {
    const { shape = {} } = params._zod.def as { shape?: Record<string, unknown> };
    expect([name, idempotent]).toEqual([name, 'read']);
    expect([name, cache?.keys.filter((key) => key !== 'caller').sort()]).toEqual([
      name,
      Object.keys(shape).sort(),
    ]);
    expect(shape).not.toHaveProperty('caller');
    expect([name, cache?.clearedBy.filter((event) => !events.has(event))]).toEqual([name, []]);
    expect(cache?.clearedBy).not.toHaveLength(0);
    expect(cache?.lifetimeS).toBeGreaterThan(0);
  }
});
