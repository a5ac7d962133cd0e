import { readConfig } from '../../broker/process/config.ts';
import { config } from './config.ts';

const read = (env: Record<string, string>) => readConfig(config, { REALTIME_PORT: '3094', ...env });

test.each([
  [{}, 'http://127.0.0.1:3094'],
  [{ HOST: '10.0.0.7' }, 'http://10.0.0.7:3094'],
  [{ HOST: '::1' }, 'http://[::1]:3094'],
  [{ HOST: '0.0.0.0' }, 'http://127.0.0.1:3094'],
  [{ HOST: '0.0.0.0', REALTIME_ADDRESS: 'http://realtime-2:3094/' }, 'http://realtime-2:3094'],
])('with %j gateways find this process at %s', (env, address) => {
  expect(read(env).config).toMatchObject({ address });
});

test.each([
  [{ REALTIME_PORT: '' }, 'REALTIME_PORT must be at least 1'],
  [
    { HOST: '0.0.0.0', NODE_ENV: 'production' },
    'REALTIME_ADDRESS must be set where HOST is every address: gateways have to find this process',
  ],
  [
    { REALTIME_ADDRESS: 'realtime-2' },
    'REALTIME_ADDRESS must be an http address such as http://10.0.0.7:3094',
  ],
])('with %j it refuses to start', (env, problem) => {
  expect(read(env).problems).toEqual([problem]);
});
