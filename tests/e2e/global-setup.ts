import { join } from 'node:path';
import { freeBasePort, makeInstance, root } from '../system/embedded-instance.ts';
import { summarizeLogs } from '../system/log-summary.ts';

/** Starts an instance with demo data and sets E2E_URL; with E2E_URL given, that instance is used instead. */
export default async (): Promise<(() => Promise<void>) | undefined> => {
  if (process.env['E2E_URL']) return undefined;
  const port = await freeBasePort();
  const url = `http://localhost:${port}`;
  const instance = makeInstance({
    port,
    env: {
      PUBLIC_URL: url,
      GATEWAY_LIMITS_OFF: 'true',
      SANDBOX_PENDING_MS: '60000',
      NODE_COMPILE_CACHE: join(root, 'node_modules/.cache/compile'),
    },
  });
  try {
    await instance.start();
    const warnings = summarizeLogs([instance.logFile], 0);
    if (warnings.length > 0) throw new Error(`a first start logged warnings:\n${warnings.join('\n')}`);
  } catch (error) {
    await instance.remove();
    throw error;
  }
  process.env['E2E_URL'] = url;
  return async () => {
    delete process.env['E2E_URL'];
    // No test causes a server error, so a logged one is a defect even if every page recovered from it.
    const errors = summarizeLogs([instance.logFile], 0, ['error', 'fatal']);
    await instance.remove();
    if (errors.length > 0) throw new Error(`the server logged errors:\n${errors.join('\n')}`);
  };
};
