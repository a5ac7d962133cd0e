// A process of a service `peer` without actions, for tests of what administrators see; see start-peer.ts.
import moleculerConfig from '../../../moleculer.config.ts';
import { systemClock } from '../../../broker/process/clock.ts';
import { createLogger } from '../../../broker/process/logger.ts';
import { runServices } from '../../../broker/process/run.ts';
import { fakeService } from '../../../broker/testing/fake-service.ts';
import { contract } from '../../../shared/contracts/contract.ts';

const peer = fakeService(contract('peer', { actions: {}, events: {} }));
const env = JSON.parse(process.argv[2] ?? '{}') as Record<string, string>;
const log = createLogger({ level: 'silent' });
const running = await runServices({
  definitions: [peer],
  env,
  clock: systemClock,
  log,
  broker: moleculerConfig,
});
process.once('SIGTERM', () => void running.stop().then(() => process.exit(0)));
process.send?.('ready');
