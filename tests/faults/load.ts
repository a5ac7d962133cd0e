import { insist, payment, sleep, type Api, type Insisted } from './client.ts';
import type { Target } from './fault.ts';

export type Request = Insisted & { kind: 'GET' | 'POST'; what: string };

type PayOptions = { key: string; amountMinor: number; first?: number; card?: string; payee?: string };

/** Pays until it is answered, writes down the answer, and insists on 201. */
export const pay = async (
  target: Target,
  client: Api,
  { key, amountMinor, first = 0, card, payee }: PayOptions,
): Promise<Request> => {
  const told = await insist(
    (at) => client.post('/api/payments', payment(amountMinor, card, payee), { 'idempotency-key': key }, at),
    first,
  );
  const { status, body, text } = told.answer;
  target.ack(key, String(body['id']), status);
  if (status !== 201) throw new Error(`${key} answered ${status}: ${text}`);
  return { ...told, kind: 'POST', what: key };
};

export type Load = {
  requests: readonly Request[];
  /** Ends it; rejects with the first request that was never answered as it should. */
  stop(): Promise<readonly Request[]>;
};

type LoadOptions = {
  label: string;
  /** How many clients. */
  width: number;
  /** What they read between two payments. */
  reads?: readonly string[];
  pauseMs?: number;
  /** E-mail addresses of those who are paid, in turn. */
  payees?: readonly string[];
};

const running = new Set<Load>();

/** Ends every load: one that a broken fault has left would break all that come after it. */
export const endLoads = async (): Promise<void> => {
  await Promise.all([...running].map((load) => load.stop().catch(() => undefined)));
};

/**
 * Clients that pay and read, each at its own gateway first, until they are told to stop.
 * @param clients one for all, or several who take turns
 */
export const startLoad = (target: Target, clients: Api | readonly Api[], options: LoadOptions): Load => {
  const { label, width, reads = [], pauseMs = 10, payees = [] } = options;
  const all: readonly Api[] = [clients].flat();
  const requests: Request[] = [];
  let going = true;
  let failure: Error | null = null;
  let count = 0;
  const lane = async (number: number): Promise<void> => {
    const client = all[number % all.length] as Api;
    while (going) {
      const index = count++;
      const payee = payees[index % payees.length];
      const paid = { key: `${label}-${index}`, amountMinor: 100 + (index % 9_000), first: number, payee };
      requests.push(await pay(target, client, paid));
      for (const path of reads) {
        const told = await insist((at) => client.get(path, at), number);
        if (told.answer.status !== 200) throw new Error(`GET ${path} answered ${told.answer.status}`);
        requests.push({ ...told, kind: 'GET', what: path });
      }
      await sleep(pauseMs);
    }
  };
  const lanes = Array.from({ length: width }, (_, number) =>
    lane(number).catch((error: Error) => {
      failure ??= error;
      going = false;
    }),
  );
  const load: Load = {
    requests,
    stop: async () => {
      going = false;
      await Promise.all(lanes);
      running.delete(load);
      if (failure) throw failure;
      return requests;
    },
  };
  running.add(load);
  return load;
};

const tookMs = ({ startedMs, endedMs }: Request): number => endedMs - startedMs;

export const percentile = (numbers: readonly number[], share: number): number => {
  const sorted = numbers.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
};

export const slowestMs = (requests: readonly Request[]): number =>
  requests.reduce((most, request) => Math.max(most, tookMs(request)), 0);

export const p99Ms = (requests: readonly Request[]): number => percentile(requests.map(tookMs), 0.99);

/** The longest time in which nobody was answered between two moments. */
export const longestGapMs = (requests: readonly Request[], fromMs: number, toMs: number): number => {
  const answers = requests.map(({ endedMs }) => endedMs).filter((at) => at > fromMs && at < toMs);
  const moments = [fromMs, ...answers.toSorted((a, b) => a - b), toMs];
  return moments.slice(1).reduce((most, at, index) => Math.max(most, at - (moments[index] ?? at)), 0);
};

/** How many milliseconds after a moment a request that began after it was first answered. */
export const firstAnswerMs = (requests: readonly Request[], afterMs: number): number => {
  const answers = requests.filter(({ tries, endedMs }) => endedMs > afterMs && tries > 0);
  return answers.reduce((least, { endedMs }) => Math.min(least, endedMs - afterMs), Number.MAX_SAFE_INTEGER);
};

/** What went wrong before it went well, counted: `503 ×3, ECONNRESET ×2`. */
export const troubles = (requests: readonly Request[]): string => {
  const counts = Map.groupBy(
    requests.flatMap(({ before }) => before),
    (one) => String(one),
  );
  return [...counts].map(([name, all]) => `${name} ×${all.length}`).join(', ') || 'no errors';
};

/** @throws Error when a request needed more than one retry */
export const insistOnOneRetry = (requests: readonly Request[]): void => {
  const worse = requests.filter(({ tries }) => tries > 2);
  const [first] = worse;
  if (first)
    throw new Error(
      `${worse.length} requests failed after one retry: ${first.what} ${first.before.join(' ')}`,
    );
};

/** @throws Error when an answer was an error other than 503 with Retry-After, 504 or 409 */
export const insistOnManners = (requests: readonly Request[]): void => {
  const [first] = requests.flatMap(({ rude, what }) => rude.map((text) => `${what}: ${text}`));
  if (first) throw new Error(`answered ${first}`);
};
