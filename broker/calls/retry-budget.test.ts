import { retryBudget } from './retry-budget.ts';

const takeAll = (budget: ReturnType<typeof retryBudget>): number => {
  let taken = 0;
  while (budget.take()) taken += 1;
  return taken;
};

describe('the retry budget', () => {
  it('starts with ten, earns one with every ten calls, and never holds more than a hundred', () => {
    const budget = retryBudget();
    expect(takeAll(budget)).toBe(10);
    for (let call = 0; call < 50; call++) budget.earn();
    expect([4, 5]).toContain(takeAll(budget));
    for (let call = 0; call < 5_000; call++) budget.earn();
    expect(takeAll(budget)).toBe(100);
  });
});
