import type { BrokerOptions } from 'moleculer';

/** What differs from Moleculer's defaults, each with its why. */
const options: BrokerOptions = {
  // Services talk through contracts, whose zod schemas check more than Moleculer's own validator would.
  validator: false,
  // Without it a call waits for ever. Each contract action sets its own, shorter one.
  requestTimeout: 10_000,
  // Events and metrics have their own paths (outbox, prom-client); these would only cost time per call.
  metrics: { enabled: false },
  tracing: { enabled: false },
  // In-flight calls are finished before a service goes away.
  tracking: { enabled: true, shutdownTimeout: 5_000 },
  // `$node.*` tells anybody on the bus about processes and their arguments.
  internalServices: false,
  // We handle SIGINT and SIGTERM ourselves, in an order that ends PostgreSQL last.
  skipProcessEventRegistration: true,
};

export default options;
