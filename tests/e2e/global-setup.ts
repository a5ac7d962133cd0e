import { createServer } from 'node:net';
import { PORT_OFFSETS } from '../../broker/process/ports.ts';
import { makeCopy, SANDBOX_OFFSET } from '../faults/embedded-instance.ts';
import { logWords } from '../faults/log-words.ts';

const FIRST_PORT = 3700;
const TRIES = 80;

const isFree = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });

/** The first port whose whole copy (metrics, sandbox, database) finds service. */
const findPort = async (): Promise<number> => {
  const offsets = [0, PORT_OFFSETS.metrics, SANDBOX_OFFSET, PORT_OFFSETS.postgres];
  for (let port = FIRST_PORT; port < FIRST_PORT + TRIES; port++) {
    const free = await Promise.all(offsets.map((offset) => isFree(port + offset)));
    if (free.every(Boolean)) return port;
  }
  throw new Error(`no free ports from ${FIRST_PORT} to ${FIRST_PORT + TRIES}`);
};

/** Starts a copy of Payloom with demo data for the stories; `E2E_URL` names one that runs already instead. */
export default async (): Promise<(() => Promise<void>) | undefined> => {
  if (process.env['E2E_URL']) return undefined;
  const port = await findPort();
  const copy = makeCopy(port, { PUBLIC_URL: `http://localhost:${port}`, SANDBOX_PENDING_MS: '60000' });
  try {
    await copy.start();
  } catch (error) {
    await copy.remove();
    throw error;
  }
  process.env['E2E_URL'] = `http://localhost:${port}`;
  return async () => {
    delete process.env['E2E_URL'];
    // No story asks for one: whatever a page made of it, the server has failed.
    const errors = logWords([copy.logFile], 0, ['error', 'fatal']);
    await copy.remove();
    if (errors.length > 0) throw new Error(`the server logged errors:\n${errors.join('\n')}`);
  };
};
