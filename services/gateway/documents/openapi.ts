import type { Contract } from '../../../shared/contracts/contract.ts';
import { TOPICS } from '../../../shared/contracts/documentation/actions.ts';
import { introduction } from '../../../shared/contracts/documentation/introduction.ts';
import { API_VERSION } from '../../../shared/contracts/version.ts';
import type { CookieNames } from '../authentication/cookies.ts';
import { routesOf } from '../http/routes.ts';
import { operationWriter } from './operations.ts';
import { HEADERS, PROBLEM_SCHEMAS } from './responses.ts';
import { schemaRegistry, type Json } from './schemas.ts';

const securitySchemes = ({ access, refresh }: CookieNames): Json => ({
  bearer: {
    type: 'http',
    scheme: 'bearer',
    bearerFormat: 'JWT',
    description: 'The access token of `POST /api/auth/tokens`, for API clients.',
  },
  cookie: {
    type: 'apiKey',
    in: 'cookie',
    name: access,
    description: 'Set by signing in, for browsers. Writes need a matching `Origin` or `Sec-Fetch-Site`.',
  },
  refreshCookie: {
    type: 'apiKey',
    in: 'cookie',
    name: refresh,
    description: 'Set by signing in; browsers send it to `/api/auth` only.',
  },
});

/** An address of this machine is right for nobody else: there the server is where the document comes from. */
const serverOf = (publicUrl: string): Json =>
  new URL(publicUrl).hostname === 'localhost'
    ? { url: '/', description: 'The server of this document' }
    : { url: publicUrl, description: 'This platform' };

const sorted = (record: Json): Json =>
  Object.fromEntries(Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1)));

/** The contracts as OpenAPI 3.1: every action that has an HTTP route, with every error it can return. */
export const openApiDocument = (
  contracts: readonly Contract[],
  options: { publicUrl: string; cookies: CookieNames },
): Json => {
  const registry = schemaRegistry();
  const { operationOf, responses, examples } = operationWriter(registry);
  const paths: Record<string, Record<string, Json>> = {};
  const used = new Set<string>();
  for (const contract of contracts) {
    for (const [path, methods] of routesOf([contract])) {
      const operations = (paths[path.replaceAll(/:(\w+)/g, '{$1}')] ??= {});
      for (const [method, route] of methods) {
        const operation = operationOf(route);
        operations[method.toLowerCase()] = operation;
        for (const tag of operation['tags'] as string[]) used.add(tag);
      }
    }
  }
  const topics = TOPICS.filter(({ name }) => used.has(name));
  const others = [...used].filter((name) => !topics.some((topic) => topic.name === name));
  return {
    openapi: '3.1.0',
    info: {
      title: 'Payloom',
      version: API_VERSION,
      summary: 'Payments between customers and vendors.',
      description: introduction(options.publicUrl),
      license: { name: 'MIT', identifier: 'MIT' },
      contact: { name: 'Payloom', url: options.publicUrl },
    },
    servers: [serverOf(options.publicUrl)],
    tags: [
      ...topics.map(({ name, text }) => ({ name, description: text })),
      ...others.map((name) => ({ name, description: `The actions of the service ${name}.` })),
    ],
    paths,
    components: {
      schemas: sorted({ ...registry.schemas, ...PROBLEM_SCHEMAS }),
      responses: sorted(responses),
      examples,
      headers: HEADERS,
      securitySchemes: securitySchemes(options.cookies),
    },
  };
};
