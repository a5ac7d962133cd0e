// The load generator as a process: reads a job from standard input, writes its measurements to standard
// output.
import { text } from 'node:stream/consumers';
import { sendAll, type Job } from './load.ts';
import { sendSteadily, type Steady } from './steady-load.ts';

const work = JSON.parse(await text(process.stdin)) as { job: Job } | { steady: Steady };
const seen = 'job' in work ? await sendAll(work.job) : await sendSteadily(work.steady);
process.stdout.write(JSON.stringify(seen));
