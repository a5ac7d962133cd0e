import type { AnalyticsAction } from '../analytics.ts';
import { figureOf } from '../domain/kinds.ts';
import { dayOf } from '../domain/period.ts';
import { observeSample } from '../metrics.ts';

export const record: AnalyticsAction<'record'> = async ({ clock, state }, call) => {
  const day = dayOf(clock.now());
  for (const sample of call.params.samples) {
    const figure = figureOf(sample);
    state.collected.add(day, figure, sample.value);
    observeSample(figure, sample.value);
  }
  return {};
};
