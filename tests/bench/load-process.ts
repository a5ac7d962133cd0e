// The load generator as a process: takes a job on standard input, writes what it saw to standard output.
import { text } from 'node:stream/consumers';
import { sendAll, type Job } from './load.ts';
import { sendSteadily, type Steady } from './steady-load.ts';

const work = JSON.parse(await text(process.stdin)) as { job: Job } | { steady: Steady };
const seen = 'job' in work ? await sendAll(work.job) : await sendSteadily(work.steady);
process.stdout.write(JSON.stringify(seen));
