// Runs the hearing room of the benches; hands over what it has handled whenever its parent asks.
import moleculerConfig from '../../moleculer.config.ts';
import { systemClock } from '../../broker/clock.ts';
import { processEnv } from '../../broker/config.ts';
import { createLogger } from '../../broker/logger.ts';
import { runRooms } from '../../broker/run.ts';
import { room, type Handled } from './hearer.service.ts';

const running = await runRooms({
  definitions: [room],
  env: processEnv(),
  clock: systemClock,
  log: createLogger({ level: 'warn' }),
  broker: moleculerConfig,
});
const { state } = running.rooms.get('hearer') as unknown as { state: { handled: Handled[] } };
process.on('message', () => process.send?.(state.handled.splice(0)));
process.once('SIGTERM', () => void running.stop().then(() => process.exit(0)));
process.send?.('ready');
