import type { IncomingMessage } from 'node:http';
import { traceIdOf } from './trace-id.ts';

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
const of = (traceparent: string) => traceIdOf({ headers: { traceparent } } as unknown as IncomingMessage);

it.each([
  ['as it is sent', `00-${TRACE}-00f067aa0ba902b7-01`],
  ['of a later version, which may say more', `cc-${TRACE}-00f067aa0ba902b7-01-what`],
])('the trace id is that of the header %s', (_, header) => {
  expect(of(header)).toBe(TRACE);
});

it.each([
  ['the version ff', `ff-${TRACE}-00f067aa0ba902b7-01`],
  ['a trace id of zeros', `00-${'0'.repeat(32)}-00f067aa0ba902b7-01`],
  ['a span id of zeros', `00-${TRACE}-${'0'.repeat(16)}-01`],
  ['capitals', `00-${TRACE.toUpperCase()}-00f067aa0ba902b7-01`],
  ['two headers in one', `00-${TRACE}-00f067aa0ba902b7-01, 00-${TRACE}-00f067aa0ba902b7-01`],
  ['something else', 'x'],
])('a header with %s has none', (_, header) => {
  expect(of(header)).toBeNull();
});
