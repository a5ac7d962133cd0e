import { setTimeout as sleep } from 'node:timers/promises';
import { VENDOR } from '../system/accounts.ts';
import { retry, type Api, type Retried } from '../system/client.ts';
import { percentile } from '../system/statistics.ts';
import { until } from '../system/timing.ts';
import type { Acks } from './acks.ts';

export type Request = Retried & { kind: 'GET' | 'POST'; what: string };

type Acknowledged = Pick<Acks, 'ack'>;

/** The body of a payment. */
export const payment = (amountMinor: number, paymentMethod = 'pm_card_visa', email = VENDOR) => ({
  payee: { email },
  amountMinor,
  currency: 'EUR',
  paymentMethod,
});

type PayOptions = { key: string; amountMinor: number; first?: number; card?: string; payee?: string };

/** Repeats a payment until it is answered and writes down the answer. @throws Error unless it is 201 */
export const pay = async (
  target: Acknowledged,
  client: Api,
  { key, amountMinor, first = 0, card, payee }: PayOptions,
): Promise<Request> => {
  const outcome = await retry(
    (at) => client.post('/api/payments', payment(amountMinor, card, payee), { 'idempotency-key': key }, at),
    first,
  );
  const { status, body, text } = outcome.answer;
  target.ack(key, String(body['id']), status);
  if (status !== 201) throw new Error(`${key} answered ${status}: ${text}`);
  return { ...outcome, kind: 'POST', what: key };
};

export type Load = {
  requests: readonly Request[];
  /** Stops the clients. @throws Error of the first request that failed for good */
  stop(): Promise<readonly Request[]>;
};

type LoadOptions = {
  label: string;
  /** The number of clients. */
  width: number;
  /** Paths that they read between two payments. */
  reads?: readonly string[];
  pauseMs?: number;
  /** E-mail addresses of the payees, in turn. */
  payees?: readonly string[];
};

const running = new Set<Load>();

/** Stops every load: one that a broken fault has left would disturb the next fault. */
export const endLoads = async (): Promise<void> => {
  await Promise.all([...running].map((load) => load.stop().catch(() => undefined)));
};

/**
 * Starts clients that pay and read until they are stopped; each begins at its own gateway.
 * @param clients one for all, or several that take turns
 */
export const startLoad = (
  target: Acknowledged,
  clients: Api | readonly Api[],
  options: LoadOptions,
): Load => {
  const { label, width, reads = [], pauseMs = 10, payees = [] } = options;
  const all: readonly Api[] = [clients].flat();
  const requests: Request[] = [];
  let going = true;
  let failure: Error | null = null;
  let count = 0;
  const worker = async (number: number): Promise<void> => {
    const client = all[number % all.length] as Api;
    while (going) {
      const index = count++;
      const payee = payees[index % payees.length];
      const paid = { key: `${label}-${index}`, amountMinor: 100 + (index % 9_000), first: number, payee };
      requests.push(await pay(target, client, paid));
      for (const path of reads) {
        const outcome = await retry((at) => client.get(path, at), number);
        if (outcome.answer.status !== 200) throw new Error(`GET ${path} answered ${outcome.answer.status}`);
        requests.push({ ...outcome, kind: 'GET', what: path });
      }
      await sleep(pauseMs);
    }
  };
  const workers = Array.from({ length: width }, (_, number) =>
    worker(number).catch((error: Error) => {
      failure ??= error;
      going = false;
    }),
  );
  const load: Load = {
    requests,
    stop: async () => {
      going = false;
      await Promise.all(workers);
      running.delete(load);
      if (failure) throw failure;
      return requests;
    },
  };
  running.add(load);
  return load;
};

/** Waits until `count` more requests are answered. @throws Error of the load if that has failed */
export const untilAnswered = async (load: Load, count: number): Promise<void> => {
  const wanted = load.requests.length + count;
  await until(`${count} more requests are answered`, 20_000, () => load.requests.length >= wanted).catch(
    async (error: Error) => {
      await load.stop();
      throw error;
    },
  );
};

const tookMs = ({ startedMs, endedMs }: Request): number => endedMs - startedMs;

export const slowestMs = (requests: readonly Request[]): number =>
  requests.reduce((most, request) => Math.max(most, tookMs(request)), 0);

export const p99Ms = (requests: readonly Request[]): number => percentile(requests.map(tookMs), 0.99);

/** The longest time without a response between two moments. */
export const longestGapMs = (requests: readonly Request[], fromMs: number, toMs: number): number => {
  const answers = requests.map(({ endedMs }) => endedMs).filter((at) => at > fromMs && at < toMs);
  const moments = [fromMs, ...answers.toSorted((a, b) => a - b), toMs];
  return moments.slice(1).reduce((most, at, index) => Math.max(most, at - (moments[index] ?? at)), 0);
};

/** Milliseconds from a moment to the first response after it. */
export const firstAnswerMs = (requests: readonly Request[], afterMs: number): number => {
  const answers = requests.filter(({ tries, endedMs }) => endedMs > afterMs && tries > 0);
  return answers.reduce((least, { endedMs }) => Math.min(least, endedMs - afterMs), Number.MAX_SAFE_INTEGER);
};

/** The errors before the final responses, counted: `503 ×3, ECONNRESET ×2`. */
export const errorCounts = (requests: readonly Request[]): string => {
  const counts = Map.groupBy(
    requests.flatMap(({ before }) => before),
    (one) => String(one),
  );
  return [...counts].map(([name, all]) => `${name} ×${all.length}`).join(', ') || 'no errors';
};

/** @throws Error when a request needed more than one retry */
export const assertOneRetry = (requests: readonly Request[]): void => {
  const worse = requests.filter(({ tries }) => tries > 2);
  const [first] = worse;
  if (first)
    throw new Error(
      `${worse.length} requests failed after one retry: ${first.what} ${first.before.join(' ')}`,
    );
};

/** @throws Error when a response was an error other than 503 with Retry-After, 504 or 409 */
export const assertNoUnexpectedErrors = (requests: readonly Request[]): void => {
  const [first] = requests.flatMap(({ unexpected, what }) => unexpected.map((text) => `${what}: ${text}`));
  if (first) throw new Error(`answered ${first}`);
};
