import type { BrokerOptions } from 'moleculer';

/** Settings that differ from Moleculer's defaults, each with its reason. */
const options: BrokerOptions = {
  // The contracts' zod schemas check more than Moleculer's validator.
  validator: false,
  // By default a call waits forever. Each contract action sets its own, shorter limit.
  requestTimeout: 10_000,
  // Events and metrics have their own paths (outbox, prom-client).
  metrics: { enabled: false },
  tracing: { enabled: false },
  // Calls in flight finish before a service stops.
  tracking: { enabled: true, shutdownTimeout: 5_000 },
  // `$node.*` shows processes and their arguments to every node.
  internalServices: false,
  // The process handles SIGINT and SIGTERM itself, in an order that stops PostgreSQL last.
  skipProcessEventRegistration: true,
};

export default options;
