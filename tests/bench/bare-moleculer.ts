// What a process of Payloom is compared with: Node that loads Moleculer and starts a broker without services.
import { ServiceBroker } from 'moleculer';

const broker = new ServiceBroker({ logger: false });
await broker.start();
process.stdout.write('ready\n');
setInterval(() => undefined, 60_000);
