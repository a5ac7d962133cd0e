import { observeProcessor } from '../metrics.ts';
import type { Processor } from './client.ts';

type Asked = Exclude<keyof Processor, 'close'>;

/** Measures a request by its outcome; one that throws is a bug. */
const measure = async <R extends { kind: string }>(name: Asked, request: Promise<R>): Promise<R> => {
  const startedMs = performance.now();
  let outcome = 'error';
  try {
    const result = await request;
    outcome = result.kind;
    return result;
  } finally {
    observeProcessor(name, outcome, (performance.now() - startedMs) / 1_000);
  }
};

/** A processor whose requests are measured. */
export const measured = (processor: Processor): Processor => ({
  authorize: (given) => measure('authorize', processor.authorize(given)),
  capture: (...given) => measure('capture', processor.capture(...given)),
  void: (...given) => measure('void', processor.void(...given)),
  refund: (...given) => measure('refund', processor.refund(...given)),
  read: (...given) => measure('read', processor.read(...given)),
  search: (given) => measure('search', processor.search(given)),
  close: () => processor.close(),
});
