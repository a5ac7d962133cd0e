import { CONTRACTS } from '../../../shared/contracts/all.ts';
import type { Action } from '../../../shared/contracts/contract.ts';
import { openApiDocument } from '../documents/openapi.ts';

type Parameter = { in: string; name: string; required: boolean; description?: string; example?: unknown };
export type Content = Record<string, { schema: { $ref?: string }; example?: unknown; examples?: object }>;
export type Response = { description: string; content?: Content; headers: Record<string, object> };
export type Operation = {
  operationId: string;
  tags: string[];
  parameters: Parameter[];
  requestBody?: { content: Content };
  description: string;
  'x-rate-limit': object;
  responses: Record<string, Response>;
  security: object[];
};
export type Schema = {
  [key: string]: unknown;
  $ref?: string;
  description?: string;
  properties?: Record<string, Schema>;
};
type Document = {
  openapi: string;
  info: { description: string };
  servers: { url: string }[];
  tags: { name: string; description: string }[];
  paths: Record<string, Record<string, Operation>>;
  components: Record<'schemas' | 'responses' | 'examples' | 'headers', Record<string, Schema>>;
};

const cookies = { access: '__Host-payloom_access', refresh: '__Secure-payloom_refresh', device: 'device' };
export const documentAt = (publicUrl: string) =>
  openApiDocument(CONTRACTS, { publicUrl, cookies }) as unknown as Document;
/** The document of an instance at https://pay.test. */
export const document = documentAt('https://pay.test');
export const { schemas } = document.components;

/** What a reference leads to, and any other object itself. */
export const resolve = <T extends object>(one: T & { $ref?: string }): T =>
  one.$ref === undefined
    ? one
    : (one.$ref
        .slice(2)
        .split('/')
        .reduce((inside, key) => (inside as Record<string, object>)[key] ?? {}, document as object) as T);

/** Every object inside of one, with its path. */
export const nodesOf = (node: unknown, path = ''): (readonly [path: string, node: Schema])[] => {
  if (typeof node !== 'object' || node === null) return [];
  const inside = Object.entries(node).flatMap(([key, part]) => nodesOf(part, `${path}/${key}`));
  return [[path, node as Schema], ...inside];
};
export const nodes = nodesOf(document);

export const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
);
export const operation = (id: string): Operation => {
  const found = operations.find((one) => one.operation.operationId === id);
  if (!found) throw new Error(`no ${id}`);
  return found.operation;
};
export const actions = CONTRACTS.flatMap((one): Action[] => Object.values(one.actions));
export const bodyOf = (content: Content | undefined) => content?.['application/json'];
export const requestSchema = (id: string): Schema =>
  resolve(bodyOf(operation(id).requestBody?.content)?.schema ?? {});
