import { worker } from '../../broker/process/worker.ts';
import { listen } from './http/server.ts';
import { WEBHOOK_EVENTS_WORK, type Sandbox } from './processor-sandbox.ts';
import { settleOne } from './settle.ts';
import { deliverDue, deliverNow } from './webhooks/deliver.ts';

const POLL_MS = 1_000;

export type RunningSandbox = {
  /** Where the `stripe` package finds it. */
  url: string;
  sandbox: Sandbox;
  stop: () => Promise<void>;
};

/** Starts the stand-in on a database that is migrated. */
export const startSandbox = async (
  given: Pick<Sandbox, 'config' | 'db' | 'clock' | 'log'>,
): Promise<RunningSandbox> => {
  const sandbox: Sandbox = {
    ...given,
    faults: [],
    deliver: (ids) => deliverNow(sandbox, ids),
  };
  const { server, url } = await listen(sandbox);
  const { db, log } = sandbox;
  const common = { db, log, pollMs: POLL_MS };
  const workers = [
    worker({ ...common, name: 'sandbox settlement', run: () => settleOne(sandbox) }),
    worker({
      ...common,
      name: 'sandbox webhooks',
      work: WEBHOOK_EVENTS_WORK,
      run: () => deliverDue(sandbox),
    }),
  ];
  return {
    url,
    sandbox,
    stop: async () => {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeIdleConnections();
      // What is being answered gets a moment; what is never answered does not hold up the end.
      setTimeout(() => server.closeAllConnections(), POLL_MS).unref();
      await Promise.all(workers.map((each) => each.stop()));
      await closed;
    },
  };
};
