// Runs the subscriber of the benches; sends the handled events to its parent on request.
import moleculerConfig from '../../moleculer.config.ts';
import { systemClock } from '../../broker/process/clock.ts';
import { processEnv } from '../../broker/process/config.ts';
import { createLogger } from '../../broker/process/logger.ts';
import { runServices } from '../../broker/process/run.ts';
import { service, type Handled } from './subscriber.service.ts';

const running = await runServices({
  definitions: [service],
  env: processEnv(),
  clock: systemClock,
  log: createLogger({ level: 'warn' }),
  broker: moleculerConfig,
});
const { state } = running.services.get('subscriber') as unknown as { state: { handled: Handled[] } };
process.on('message', () => process.send?.(state.handled.splice(0)));
process.once('SIGTERM', () => void running.stop().then(() => process.exit(0)));
process.send?.('ready');
