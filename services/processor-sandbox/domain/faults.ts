/** Faults that the sandbox injects on demand. */
export type Fault = {
  /** Delay before any work, in milliseconds. */
  slowMs?: number;
  /** Does and stores the work, then gives no answer, or a 500 that stays under the idempotency key. */
  failAfterCharging?: 'timeout' | '500';
  /** Does nothing and answers 500. */
  failBefore?: '500';
  /** Does nothing and answers this refusal, which stays under the idempotency key. */
  refuse?: { status: 400 | 402 | 404; code: string };
  /** The state of a new refund; a pending one succeeds after `SANDBOX_PENDING_MS`. */
  refundStatus?: 'pending' | 'failed';
  webhooks?: 'normal' | 'twice' | 'before-answer' | 'never';
  /** How many requests it applies to; all by default. */
  times?: number;
  /** Which requests it applies to; all writes by default. */
  matching?: { amount?: number; metadata?: Record<string, string>; operation?: Operation };
};

export const OPERATIONS = ['create', 'confirm', 'capture', 'cancel', 'refund', 'settle'] as const;
type Operation = (typeof OPERATIONS)[number];

/** The properties of a request that faults can select by. */
export type Subject = { operation: Operation; amount: number; metadata: Readonly<Record<string, string>> };

export type Faults = Fault[];

const meets = ({ matching = {}, times }: Fault, subject: Subject): boolean =>
  times !== 0 &&
  (matching.operation === undefined || matching.operation === subject.operation) &&
  (matching.amount === undefined || matching.amount === subject.amount) &&
  Object.entries(matching.metadata ?? {}).every(([key, value]) => subject.metadata[key] === value);

/** Combines the faults that apply to a request, and counts the request for each. */
export const meet = (faults: Faults, subject: Subject): Fault => {
  const met: Fault = {};
  for (const fault of faults) {
    if (!meets(fault, subject)) continue;
    if (fault.times !== undefined) fault.times -= 1;
    Object.assign(met, fault);
  }
  return met;
};
