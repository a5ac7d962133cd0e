// A gateway for tests, with a watchdog, in a process of its own. Arguments: its port, the watchdog's limit.
import { startWatchdog } from '../../broker/process/watchdog.ts';
import { startUpstream } from './upstream.ts';

const [port, limitMs] = process.argv.slice(2).map(Number);
await startUpstream(port as number);
startWatchdog(limitMs as number, { warn: console.error });
