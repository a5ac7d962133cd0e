// A process that serves the shop of shop-service.ts until SIGTERM; its one argument holds the options.
import { joinTestBus, type BusOptions } from './test-bus.ts';

const running = await joinTestBus(JSON.parse(process.argv[2] ?? '{}') as BusOptions);
process.once('SIGTERM', () => void running.stop().then(() => process.exit(0)));
process.send?.('ready');
