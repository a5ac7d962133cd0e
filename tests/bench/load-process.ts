// The load generator as a process: takes a job on standard input, writes what it saw to standard output.
import { text } from 'node:stream/consumers';
import { sendAll, type Job } from './load.ts';

const job = JSON.parse(await text(process.stdin)) as Job;
process.stdout.write(JSON.stringify(await sendAll(job)));
