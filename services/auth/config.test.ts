import { readConfig } from '../../broker/process/config.ts';
import { config } from './config.ts';

test.each([
  [{ NODE_ENV: 'production' }, []],
  [{ AUTH_LOCKOUT_OFF: 'true' }, []],
  [{ NODE_ENV: 'production', AUTH_LOCKOUT_OFF: 'true', TEST_SYSTEM: 'true' }, []],
  [{ NODE_ENV: 'production', AUTH_LOCKOUT_OFF: 'true' }, ['AUTH_LOCKOUT_OFF']],
])('with %j the service refuses %j', (env, names) => {
  expect(
    readConfig(config, { AUTH_KEY_SEAL: 'x'.repeat(32), ...env }).problems.map(
      (problem) => problem.split(' ')[0],
    ),
  ).toEqual(names);
});
