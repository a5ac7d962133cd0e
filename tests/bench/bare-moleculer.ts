// What a process of Payloom is compared with: Node that loads Moleculer and starts a broker without services.
import { ServiceBroker } from 'moleculer';

// By itself, for Node then writes its cache of compiled code.
process.on('SIGTERM', () => process.exit(0));
const broker = new ServiceBroker({ logger: false, skipProcessEventRegistration: true });
await broker.start();
process.stdout.write('ready\n');
setInterval(() => undefined, 60_000);
