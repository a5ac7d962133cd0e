import { readConfig } from '../../broker/process/config.ts';
import { findServices } from '../../broker/process/find-services.ts';
import type { AnyServiceDefinition } from '../../broker/process/service.ts';
import { environmentOf, operatorVariables } from './environment.ts';
import { keyOf, type StackState } from './folder.ts';

const newState = (change: Partial<StackState> = {}): StackState => ({
  name: 'test',
  base: 23_900,
  brokers: 1,
  demo: false,
  given: {},
  secrets: {},
  replicas: {},
  metricsPorts: {},
  databases: {
    AUTH_DATABASE_URL: 'postgres://auth',
    PAYMENTS_DATABASE_URL: 'postgres://payments',
    SANDBOX_DATABASE_URL: 'postgres://sandbox',
  },
  overrides: {},
  ...change,
});

describe('the environment of a process', () => {
  let definitions: AnyServiceDefinition[];
  beforeAll(async () => {
    definitions = await findServices({});
  });
  const environment = (service: string, state: StackState, replica = 1) => {
    const definition = definitions.find(({ contract }) => contract.service === service);
    if (!definition) throw new Error(service);
    return environmentOf(definition, replica, { state, metricsPort: 23_930 });
  };

  it('is one that the configuration of every service accepts', () => {
    const state = newState();
    const problems = definitions.flatMap(({ config, contract }) =>
      readConfig(config, environment(contract.service, state)).problems.map(String),
    );
    expect(problems).toEqual([]);
  });

  it('holds the address of its own database and no other', () => {
    const state = newState();
    const payments = Object.values(environment('payments', state));
    expect(payments).toContain('postgres://payments');
    expect(payments).not.toContain('postgres://auth');
    expect(Object.values(environment('gateway', state)).filter((text) => /^postgres:/.test(text))).toEqual(
      [],
    );
  });

  it('holds its own key and those of the services that it calls', () => {
    const state = newState();
    const keys = (service: string) =>
      Object.keys(environment(service, state)).filter((name) => name.startsWith('SERVICE_KEY_'));
    expect(keys('analytics')).toEqual(['SERVICE_KEY_ANALYTICS']);
    expect(keys('auth').sort()).toEqual(['SERVICE_KEY_ADMIN', 'SERVICE_KEY_AUTH']);
    const ofPayments = ['SERVICE_KEY_ADMIN', 'SERVICE_KEY_AUTH', 'SERVICE_KEY_PAYMENTS'];
    expect(keys('payments').sort()).toEqual(ofPayments);
    expect(environment('payments', state)['SERVICE_KEY_AUTH']).toBe(keyOf(state, 'auth'));
    expect(Buffer.from(keyOf(state, 'auth'), 'base64url')).toHaveLength(32);
  });

  it('has the login of its service at all brokers', () => {
    const urls = environment('payments', newState({ brokers: 3 }))['RABBITMQ_URL']?.split(',') ?? [];
    expect(urls.map((url) => new URL(url).username)).toEqual(['payments', 'payments', 'payments']);
    expect(urls.map((url) => new URL(url).port)).toEqual(['23912', '23913', '23914']);
  });

  it('gives gateways ports of their own and one address for all', () => {
    const state = newState();
    const [first, second] = [1, 2].map((replica) => environment('gateway', state, replica));
    expect([first?.['PORT'], second?.['PORT']]).toEqual(['23901', '23902']);
    expect(first?.['PUBLIC_URL']).toBe('https://localhost:23910');
    expect(second?.['PUBLIC_URL']).toBe(environment('auth', state)['PUBLIC_URL']);
  });

  it('has the address and the secrets of the processor sandbox', () => {
    const state = newState();
    const [payments, sandbox] = ['payments', 'processor-sandbox'].map((service) =>
      environment(service, state),
    );
    expect(payments?.['PROCESSOR_URL']).toBe(`http://127.0.0.1:${sandbox?.['SANDBOX_PORT']}`);
    expect(payments?.['STRIPE_SECRET_KEY']).toBe(sandbox?.['SANDBOX_SECRET_KEY']);
  });

  it('includes the variables that --env sets for this service or for all', () => {
    const state = newState({
      overrides: { '*': { LOG_LEVEL: 'debug' }, auth: { RABBITMQ_URL: 'amqp://x' } },
    });
    expect(environment('auth', state)).toMatchObject({ LOG_LEVEL: 'debug', RABBITMQ_URL: 'amqp://x' });
    expect(environment('payments', state)['RABBITMQ_URL']).not.toBe('amqp://x');
  });

  it('of an operator has the variables of all services', () => {
    const names = Object.keys(operatorVariables(definitions, newState()));
    expect(names).toEqual(
      expect.arrayContaining(['AUTH_DATABASE_URL', 'SERVICE_KEY_GATEWAY', 'STRIPE_SECRET_KEY', 'REDIS_URL']),
    );
  });
});
