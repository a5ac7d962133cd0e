/** How the stand-in misbehaves, on demand. */
export type Fault = {
  /** Waits before it does anything. */
  slowMs?: number;
  /** Does it and keeps it, then gives no answer, or a 500 that stays under the idempotency key. */
  failAfterCharging?: 'timeout' | '500';
  /** Does nothing and answers 500. */
  failBefore?: '500';
  webhooks?: 'normal' | 'twice' | 'before-answer' | 'never';
  /** How many requests it meets; all of them when nothing is said. */
  times?: number;
  /** Which requests it meets; all that change something when nothing is said. */
  matching?: { amount?: number; metadata?: Record<string, string>; operation?: Operation };
};

export const OPERATIONS = ['create', 'confirm', 'capture', 'cancel', 'refund', 'settle'] as const;
export type Operation = (typeof OPERATIONS)[number];

/** What a request is about, as far as faults can tell requests apart. */
export type Subject = { operation: Operation; amount: number; metadata: Readonly<Record<string, string>> };

export type Faults = Fault[];

const meets = ({ matching = {}, times }: Fault, subject: Subject): boolean =>
  times !== 0 &&
  (matching.operation === undefined || matching.operation === subject.operation) &&
  (matching.amount === undefined || matching.amount === subject.amount) &&
  Object.entries(matching.metadata ?? {}).every(([key, value]) => subject.metadata[key] === value);

/** The faults that meet a request, in one; each of them has met one request more. */
export const meet = (faults: Faults, subject: Subject): Fault => {
  const met: Fault = {};
  for (const fault of faults) {
    if (!meets(fault, subject)) continue;
    if (fault.times !== undefined) fault.times -= 1;
    Object.assign(met, fault);
  }
  return met;
};
