import { readConfig } from '../../broker/process/config.ts';
import { config } from './config.ts';

const read = (env: Record<string, string>) => readConfig(config, { REALTIME_PORT: '3094', ...env });

test.each([
  [{}, 'http://127.0.0.1:3094'],
  [{ HOST: '10.0.0.7' }, 'http://10.0.0.7:3094'],
  [{ HOST: '::1' }, 'http://[::1]:3094'],
  [{ HOST: '0.0.0.0' }, 'http://127.0.0.1:3094'],
  [{ HOST: '0.0.0.0', REALTIME_ADDRESS: 'http://realtime-2:3094/' }, 'http://realtime-2:3094'],
])('with %j gateways connect to %s', (env, address) => {
  expect(read(env).config).toMatchObject({ address });
});

test.each([
  [{ REALTIME_PORT: '' }, 'REALTIME_PORT must be a whole number from 1 to 65535'],
  [
    { HOST: '0.0.0.0', NODE_ENV: 'production' },
    'REALTIME_ADDRESS must be set when HOST is all interfaces: gateways need an address of this process',
  ],
  [
    { REALTIME_ADDRESS: 'realtime-2' },
    'REALTIME_ADDRESS must be an http address such as http://10.0.0.7:3094',
  ],
])('with %j the service does not start', (env, problem) => {
  expect(read(env).problems).toEqual([problem]);
});
