import { request as httpRequest, type IncomingHttpHeaders, type OutgoingHttpHeaders } from 'node:http';
import { createServer, type AddressInfo } from 'node:net';
import { startServices, type TestServices } from '../../../broker/testing/start-services.ts';
import type { AnyServiceDefinition } from '../../../broker/process/service.ts';
import { auth } from '../../../shared/contracts/auth/auth.ts';
import type { Problem } from '../../../shared/contracts/errors.ts';
import { sessionCookies, type CookieNames } from '../authentication/cookies.ts';
import { gatewayOf } from '../gateway.service.ts';
import { fakeAuth, signer, things, thingsService, type Signer } from './fake-services.ts';

export type Reply = {
  status: number;
  headers: IncomingHttpHeaders;
  text: string;
  bytes: Buffer;
  json: <T = Record<string, unknown>>() => T;
  problem: () => Problem;
};

export type Ask = (
  route: string,
  options?: { headers?: OutgoingHttpHeaders; body?: string | Buffer; json?: unknown },
) => Promise<Reply>;

export type TestGateway = {
  ask: Ask;
  origin: string;
  port: number;
  /** A pair of the Cookie header under the name that this gateway gives the cookie. */
  cookie(kind: keyof CookieNames, value: string): string;
  sign: Signer['sign'];
  keys: Signer;
  services: TestServices;
};

export const freePort = (): Promise<number> =>
  new Promise((resolve) => {
    const probe = createServer().listen(0, '127.0.0.1', () => {
      const { port } = probe.address() as AddressInfo;
      probe.close(() => resolve(port));
    });
  });

/** Sends one request exactly as given; a browser's client would add or change headers. */
export const asker =
  (port: number): Ask =>
  (route, { headers = {}, body, json } = {}) =>
    new Promise((resolve, reject) => {
      const [method, path] = route.split(' ');
      const payload = json === undefined ? body : JSON.stringify(json);
      const sent = json === undefined ? headers : { 'content-type': 'application/json', ...headers };
      const length =
        payload === undefined || headers['transfer-encoding']
          ? {}
          : { 'content-length': Buffer.byteLength(payload) };
      const options = {
        host: '127.0.0.1',
        port,
        method,
        path,
        headers: { ...length, ...sent },
        agent: false,
      };
      const request = httpRequest(options, (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('end', () => {
          const bytes = Buffer.concat(chunks);
          const text = bytes.toString('utf8');
          const parse = () => JSON.parse(text) as never;
          resolve({
            status: response.statusCode ?? 0,
            headers: response.headers,
            text,
            bytes,
            json: parse,
            problem: parse,
          });
        });
      });
      request.on('error', reject);
      request.end(payload);
    });

/** Starts the gateway with a fake auth service and a service that returns what it received. */
export const startGateway = async (
  options: {
    env?: Record<string, string>;
    ended?: readonly string[];
    others?: readonly AnyServiceDefinition[];
  } = {},
): Promise<TestGateway> => {
  const port = await freePort();
  const origin = options.env?.['PUBLIC_URL'] ?? `http://localhost:${port}`;
  const secure = origin.startsWith('https:') || new URL(origin).hostname === 'localhost';
  const { names } = sessionCookies({ publicUrl: origin, secure });
  const cookie: TestGateway['cookie'] = (kind, value) => `${names[kind]}=${value}`;
  const keys = await signer(origin);
  const services = await startServices(
    [fakeAuth(keys, options.ended), thingsService, ...(options.others ?? []), gatewayOf([auth, things])],
    { env: { PORT: String(port), DRAIN_MS: '0', ...options.env } },
  );
  return { ask: asker(port), origin, port, cookie, sign: keys.sign, keys, services };
};
