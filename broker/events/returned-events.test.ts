import { register } from 'prom-client';
import { createLogger } from '../process/logger.ts';
import { returnedEvents } from './returned-events.ts';

it('an event that reached no queue pauses alone until it is routed; each attempt is counted', async () => {
  const returned = returnedEvents('shop', createLogger({ level: 'silent' }));
  const counted = () => register.getSingleMetricAsString('payloom_outbox_returned_total');
  expect(returned.record(['shop.sold', 'shop.closed'], ['shop.sold'])).toBeGreaterThan(0);
  expect(returned.paused()).toEqual(['shop.sold']);
  returned.record(['shop.sold'], ['shop.sold']);
  expect(await counted()).toContain('payloom_outbox_returned_total{service="shop",event="shop.sold"} 2');
  expect(returned.record(['shop.sold'], [])).toBeNull();
  expect(returned.paused()).toEqual([]);
});
