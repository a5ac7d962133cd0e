import { appendFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import * as z from 'zod/mini';
import { contract } from '../../shared/contracts/contract.ts';
import { AppError } from '../calls/errors.ts';
import type { Handlers } from '../calls/implement.ts';

const open = { summary: 'x', permission: 'anyone' as const, errors: [] };
const params = z.strictObject({ ms: z._default(z.int(), 0) });
const result = z.object({ by: z.string() });

/** A service that waits, fails, and records its executions in a folder. */
export const shop = contract('shop', {
  actions: {
    echo: {
      ...open,
      idempotent: 'read',
      params: z.strictObject({ text: z.string() }),
      result: z.object({ text: z.string(), by: z.string() }),
    },
    read: { ...open, idempotent: 'read', params, result },
    /** Leaves a line per execution, and one file per key: its effect. */
    pay: { ...open, idempotent: 'key', params, result },
    /** As `pay`, without a key. */
    once: { ...open, idempotent: 'no', params, result },
    hurried: { ...open, idempotent: 'no', params, result, timeoutMs: 700 },
    fail: { ...open, idempotent: 'read', params: z.strictObject({}), result },
    refuse: { ...open, idempotent: 'read', params: z.strictObject({}), result, errors: ['unavailable'] },
    crash: { ...open, idempotent: 'read', params: z.strictObject({}), result },
  },
  events: {},
});

export type Shop = { nodeId: string; folder: string };

const executed = ({ folder }: Shop, line: string): void =>
  appendFileSync(join(folder, 'executed'), `${line}\n`);

/** The effect, once: the file system refuses the second. */
const takeEffect = ({ folder, nodeId }: Shop, key: string): boolean => {
  try {
    writeFileSync(join(folder, `effect-${key}`), nodeId, { flag: 'wx' });
    return true;
  } catch {
    return false;
  }
};

export const handlers: Handlers<Shop, typeof shop> = {
  echo: async ({ nodeId }, call) => ({ text: call.params.text, by: nodeId }),
  read: async (server, call) => {
    executed(server, 'read');
    await sleep(call.params.ms);
    return { by: server.nodeId };
  },
  pay: async (server, call) => {
    const key = String(call.idempotencyKey);
    executed(server, key);
    await sleep(call.params.ms);
    if (!takeEffect(server, key)) call.replayed();
    return { by: server.nodeId };
  },
  once: async (server, call) => {
    executed(server, call.requestId);
    await sleep(call.params.ms);
    return { by: server.nodeId };
  },
  hurried: async (server, call) => {
    executed(server, call.requestId);
    await sleep(call.params.ms);
    return { by: server.nodeId };
  },
  fail: async () => {
    throw new AppError('payee_unknown', { errors: [{ path: 'payee', message: 'is unknown' }] });
  },
  refuse: async (server) => {
    executed(server, 'refuse');
    throw new AppError('unavailable', { retryAfterS: 7 });
  },
  crash: async () => {
    throw new TypeError('internal details');
  },
};
