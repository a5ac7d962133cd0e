import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  freeBasePort,
  makeInstance,
  root,
  SANDBOX_OFFSET,
  type Instance,
} from '../system/embedded-instance.ts';
import { injectFaultAt, keepAcks, type Acks } from './acks.ts';

/** An embedded instance under test. */
export type FaultInstance = Instance &
  Acks & {
    /** Makes the processor sandbox fail in some way; null ends that. */
    injectFault(fault: object | null): Promise<void>;
  };

type Secrets = Record<string, string>;

/** Prepares an instance on free ports; nothing runs until `start`. */
export const makeFaultInstance = async (): Promise<FaultInstance> => {
  const port = await freeBasePort();
  const instance = makeInstance({
    port,
    env: {
      GATEWAY_LIMITS_OFF: 'true',
      PROCESSOR_TIMEOUT_MS: '2000',
      NODE_COMPILE_CACHE: join(root, 'node_modules/.cache/compile'),
    },
  });
  return Object.assign(instance, keepAcks(join(instance.dataFolder, 'acks'), instance.env), {
    injectFault: (fault: object | null) => {
      const secrets = JSON.parse(readFileSync(join(instance.dataFolder, 'secrets.json'), 'utf8')) as Secrets;
      const sandbox = `http://127.0.0.1:${port + SANDBOX_OFFSET}`;
      return injectFaultAt(sandbox, secrets['processor key'] ?? '', fault);
    },
  });
};
