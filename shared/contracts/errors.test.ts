import { ERRORS, retryAfterOf, type ErrorCode } from './errors.ts';

const codes = Object.keys(ERRORS) as ErrorCode[];
const codesOf = (...statuses: number[]) => codes.filter((code) => statuses.includes(ERRORS[code][0]));

test('every refusal for too many requests, for lack of capacity and of time says when to ask again', () => {
  expect(codesOf(429, 503, 504).filter((code) => !retryAfterOf(code))).toEqual([]);
});

test('beside them only a payment in progress may be asked for again', () => {
  const others = codes.filter((code) => retryAfterOf(code) && !codesOf(429, 503, 504).includes(code));
  expect(others).toEqual(['idempotency_in_progress']);
});
