import { newTrace, parseTraceparent, traceparentOf } from './trace-context.ts';

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
const SPAN = '00f067aa0ba902b7';

it.each([
  ['as it is sent', `00-${TRACE}-${SPAN}-01`, true],
  ['of a trace that is not exported', `00-${TRACE}-${SPAN}-00`, false],
  ['of a later version, which may say more', `cc-${TRACE}-${SPAN}-03-what`, true],
])('a traceparent %s is read', (_, header, sampled) => {
  expect(parseTraceparent(header)).toEqual({ traceId: TRACE, spanId: SPAN, sampled });
});

it.each([
  ['the version ff', `ff-${TRACE}-${SPAN}-01`],
  ['a trace id of zeros', `00-${'0'.repeat(32)}-${SPAN}-01`],
  ['a span id of zeros', `00-${TRACE}-${'0'.repeat(16)}-01`],
  ['capitals', `00-${TRACE.toUpperCase()}-${SPAN}-01`],
  ['two values in one', `00-${TRACE}-${SPAN}-01, 00-${TRACE}-${SPAN}-01`],
  ['something else', 'x'],
  ['nothing', undefined],
])('a traceparent with %s is none', (_, header) => {
  expect(parseTraceparent(header)).toBeNull();
});

it('a trace without a span is written with half of its id, and read as one without a span', () => {
  const trace = newTrace();
  expect(trace).toEqual({ traceId: expect.stringMatching(/^[0-9a-f]{32}$/), spanId: null, sampled: false });
  expect(parseTraceparent(traceparentOf(trace))).toEqual(trace);
  const at = { traceId: TRACE, spanId: SPAN, sampled: true };
  expect(parseTraceparent(traceparentOf(at))).toEqual(at);
});
