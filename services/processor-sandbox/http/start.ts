import { worker } from '../../../broker/process/worker.ts';
import { listen } from './server.ts';
import { WEBHOOK_EVENTS_WORK, type Sandbox } from '../processor-sandbox.ts';
import { settleOne } from '../bank/settle.ts';
import { deliverDue, deliverNow } from '../webhooks/deliver.ts';

const POLL_MS = 1_000;

export type RunningSandbox = {
  /** The address for the `stripe` package. */
  url: string;
  sandbox: Sandbox;
  stop: () => Promise<void>;
};

/** Starts the sandbox on a migrated database. */
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
      // Running requests get a moment; requests without an answer do not delay the stop.
      setTimeout(() => server.closeAllConnections(), POLL_MS).unref();
      await Promise.all(workers.map((each) => each.stop()));
      await closed;
    },
  };
};
