import type { Origin } from './call.ts';
import { open, seal } from './envelope.ts';
import { AppError } from './errors.ts';
import type { Service } from '../process/service.ts';

type Assertion = { sealed: unknown; params: unknown };

/** The limit for a value in a header. */
const ASSERTION_MAX_LENGTH = 4_096;

const readAssertion = (text: string): Assertion => {
  try {
    if (text.length > ASSERTION_MAX_LENGTH) throw new Error('too long');
    return JSON.parse(Buffer.from(text, 'base64url').toString('utf8')) as Assertion;
  } catch {
    throw new AppError('forbidden');
  }
};

/**
 * Signed statements about a caller on a channel other than the bus, such as a forwarded socket: a call's
 * envelope as text, under the receiving service's key.
 */
export const assertions = ({
  keys,
  clock,
  service,
}: Origin): Pick<Service, 'signAssertion' | 'openAssertion'> => ({
  signAssertion: (to, { timeoutMs, deadlineAtMs, ...options }, params) => {
    const envelope = {
      to,
      from: service,
      caller: options.caller,
      requestId: options.requestId,
      deadlineAtMs: Math.min(clock.nowMs() + timeoutMs, deadlineAtMs ?? Number.MAX_SAFE_INTEGER),
      idempotencyKey: null,
      address: options.address ?? null,
      userAgent: options.userAgent ?? null,
    };
    const assertion: Assertion = { sealed: seal(envelope, keys, params), params };
    return Buffer.from(JSON.stringify(assertion)).toString('base64url');
  },
  openAssertion: (to, text) => {
    const { sealed, params } = readAssertion(text);
    const envelope = open(sealed, to, keys(to.slice(0, to.lastIndexOf('.'))), params);
    if (clock.nowMs() > envelope.deadlineAtMs) throw new AppError('timeout');
    return { envelope, params };
  },
});
