import { operations } from '../../shared/contracts/operations.ts';
import { operationActions } from '../operations/actions.ts';
import { logLevels } from './log-levels.ts';
import { createLogger } from './logger.ts';

const start = () => {
  const root = createLogger({ level: 'info', file: '/dev/null' });
  const logs = new Map(['payments', 'auth'].map((service) => [service, root.child({ service })]));
  /** What is planned, by its delay. */
  const planned = new Map<number, () => void>();
  const after = (delayMs: number, run: () => void) => {
    planned.set(delayMs, run);
    return () => void planned.delete(delayMs);
  };
  return { logs, planned, levels: logLevels(logs, after) };
};

it('a level is changed for one service, and is back after its time', () => {
  const { logs, levels, planned } = start();
  levels.change('payments', { level: 'debug', minutes: 60 });
  expect([logs.get('payments')?.level, logs.get('auth')?.level]).toEqual(['debug', 'info']);
  // A second change counts from its own time, and ends at the level of the start.
  levels.change('payments', { level: 'trace', minutes: 5 });
  expect([...planned.keys()]).toEqual([5 * 60_000]);
  expect(logs.get('payments')?.level).toBe('trace');
  planned.get(5 * 60_000)?.();
  expect(logs.get('payments')?.level).toBe('info');
});

type Asked = { nodeID: string; broker: { nodeID: string }; params: object };
type Handler = (ctx: Asked) => Promise<unknown>;

it.each([
  ['the operator', 'operator-1-0f3a9c', 'ok'],
  ['the service of administrators', 'admin-1-0f3a9c', 'forbidden'],
  ['another service', 'gateway-1-0f3a9c', 'forbidden'],
])('over the bus %s may change it or not', async (_who, nodeID, result) => {
  const { logs, levels } = start();
  const actions = operationActions(
    () => Promise.reject(new Error('not asked for')),
    null,
    (change) => levels.change('payments', change),
  );
  const { handler } = actions[operations.changeLogLevel.key] as unknown as { handler: Handler };
  const asked = { nodeID, broker: { nodeID: 'payments-1-ffffff' }, params: { level: 'debug', minutes: 5 } };
  const answer = await handler(asked).then(
    () => 'ok',
    (error: { code: string }) => error.code,
  );
  expect([answer, logs.get('payments')?.level]).toEqual([result, result === 'ok' ? 'debug' : 'info']);
});
