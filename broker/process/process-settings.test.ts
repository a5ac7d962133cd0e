import { spawnSync } from 'node:child_process';
import { createServer, type AddressInfo } from 'node:net';
import * as z from 'zod/mini';
import { number, readConfig } from './config.ts';
import { readProcessSettings } from './process-settings.ts';
import { startFailure } from './start-failure.ts';

const problemsOf = (env: Record<string, string>): string => {
  try {
    readProcessSettings(env);
    return '';
  } catch (error) {
    return (error as Error).message;
  }
};

describe('a port', () => {
  it.each(['abc', '3000x', '0', '-1', '65437', '99999999999999999999', '3.5', '0x10', '1e3', ' '])(
    '%j is refused in a sentence that names the variable and what it takes',
    (PORT) => {
      expect(problemsOf({ PORT })).toBe('PORT must be a whole number from 1 to 65436');
    },
  );

  it.each([
    [{}, 3000, 3090],
    [{ PORT: '' }, 3000, 3090],
    [{ PORT: '65436' }, 65_436, 65_526],
    [{ PORT: '4000', METRICS_PORT: '9100' }, 4000, 9100],
  ])('%j is taken', (env, port, metricsPort) => {
    expect(readProcessSettings(env)).toMatchObject({ port, metricsPort });
  });

  it('is refused together with every other wrong setting of the process', () => {
    expect(problemsOf({ PORT: 'x', METRICS_PORT: '70000', LOG_LEVEL: 'loud' }).split('\n')).toEqual([
      'PORT must be a whole number from 1 to 65436',
      'METRICS_PORT must be a whole number from 0 to 65535',
      'LOG_LEVEL must be one of trace, debug, info, warn, error, fatal, silent',
    ]);
  });

  it('that is wrong ends the start with status 1, without a stack trace', () => {
    const env = { PATH: process.env['PATH'] ?? '', PORT: '70000' };
    const done = spawnSync(process.execPath, ['broker/process/start.ts'], { env, encoding: 'utf8' });
    expect(done.stderr).toBe('Payloom did not start:\n  PORT must be a whole number from 1 to 65436\n');
    expect(done.status).toBe(1);
  });
});

it.each([
  ['SENTRY_DSN', 'pay.example.com', 'https://KEY@HOST/PROJECT'],
  ['SENTRY_DSN', 'https://key@pay.example.com', 'https://KEY@HOST/PROJECT'],
  ['SENTRY_DSN', 'https://key@pay.example.com;x/1', 'https://KEY@HOST/PROJECT'],
  ['SENTRY_ENVIRONMENT', 'a "b"', 'a name such as production'],
])('%s %j is refused', (name, value, expected) => {
  expect(problemsOf({ [name]: value })).toBe(`${name} must be ${expected}`);
});

it.each(['https://key@errors.example.com/1', 'http://key@[::1]:9000/below/here/42'])(
  '%s is where defects are reported',
  (SENTRY_DSN) => {
    expect(readProcessSettings({ SENTRY_DSN, NODE_ENV: 'production' }).sentry).toEqual({
      dsn: SENTRY_DSN,
      environment: 'production',
    });
  },
);

it.each([
  [0, 'must be a whole number 0 or higher'],
  [5, 'must be a whole number from 0 to 5'],
])('a number without or with a limit says what it takes: %s', (max, problem) => {
  const schema = z.object({ COUNT: max === 0 ? number(1) : number(1, 0, max) });
  expect(readConfig(schema, { COUNT: '-1' }).problems).toEqual([`COUNT ${problem}`]);
});

describe('a start that fails', () => {
  const failureOf = (port: number, host: string) =>
    new Promise<unknown>((resolve) => createServer().once('error', resolve).listen(port, host));

  it('names the port in use and its variable', async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const error = await failureOf(port, '127.0.0.1');
    server.close();
    const rest = 'is in use. Stop what uses it, or choose another: PORT=3400 npm start';
    expect(startFailure(error, () => ({ PORT: String(port) }))).toBe(`Port ${port} ${rest}`);
    expect(startFailure(error, () => ({ METRICS_PORT: String(port) }))).toBe(
      `Port ${port} (METRICS_PORT) ${rest}`,
    );
  });

  it('says that a low port is for administrators', () => {
    const error = { code: 'EACCES', syscall: 'listen', port: 80 };
    expect(startFailure(error, () => ({ PORT: '80' }))).toBe(
      'Port 80 is reserved for administrators of this machine. Please choose another: PORT=3400 npm start',
    );
  });

  it('names HOST when it is no address of this machine', async () => {
    const error = await failureOf(0, '192.0.2.1');
    expect(startFailure(error, () => ({ HOST: '192.0.2.1' }))).toBe(
      'HOST must be an address of this machine, such as 127.0.0.1 or 0.0.0.0; 192.0.2.1 is none.',
    );
  });
});

describe('where spans go', () => {
  const base = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:4318/' };
  it.each([
    [{}, null],
    [{ OTEL_TRACES_SAMPLER_ARG: '1' }, null],
    [base, { url: 'http://127.0.0.1:4318/v1/traces', headers: {}, sampling: 0.01 }],
    [
      { ...base, OTEL_TRACES_SAMPLER_ARG: '0.5' },
      { url: 'http://127.0.0.1:4318/v1/traces', headers: {}, sampling: 0.5 },
    ],
    [
      { ...base, OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'https://spans.example/x' },
      { url: 'https://spans.example/x', headers: {}, sampling: 0.01 },
    ],
    [
      { ...base, OTEL_EXPORTER_OTLP_HEADERS: 'Authorization=Basic%20YQ==, x-tenant=1,' },
      {
        url: 'http://127.0.0.1:4318/v1/traces',
        headers: { authorization: 'Basic YQ==', 'x-tenant': '1' },
        sampling: 0.01,
      },
    ],
  ])('by %j', (env, tracing) => {
    expect(readProcessSettings(env).tracing).toEqual(tracing);
  });

  it.each(['hidden', '=hidden', 'x y=hidden', 'x=hidden%', 'x=hidden%0ay'])(
    'headers of %j are refused, and not shown',
    (OTEL_EXPORTER_OTLP_HEADERS) => {
      expect(problemsOf({ OTEL_EXPORTER_OTLP_HEADERS })).toBe(
        'OTEL_EXPORTER_OTLP_HEADERS must be name=value,…',
      );
    },
  );

  it.each(['2', '-1', 'x', '1e-2'])('a share of %s is refused', (OTEL_TRACES_SAMPLER_ARG) => {
    expect(problemsOf({ OTEL_TRACES_SAMPLER_ARG })).toContain(
      'OTEL_TRACES_SAMPLER_ARG must be a share from 0 to 1',
    );
  });
});
