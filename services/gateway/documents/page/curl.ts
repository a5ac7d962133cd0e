import type { Json } from '../schemas.ts';

type Parameter = {
  in: 'path' | 'query' | 'header';
  name: string;
  required: boolean;
  description: string;
  schema: Json;
  example?: unknown;
};
export type Content = Record<string, { schema: Json; example?: unknown; examples?: Record<string, Json> }>;
export type Operation = {
  operationId: string;
  tags: readonly string[];
  summary: string;
  description: string;
  parameters: readonly Parameter[];
  requestBody?: { content: Content };
  responses: Record<string, { $ref?: string; description?: string; headers?: Json; content?: Content }>;
  security: readonly Json[];
};

const quoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;

/** How the request proves who asks: with the token, or with the cookies that curl keeps in a file. */
const credentialsOf = ({ security, responses }: Operation): string[] => {
  if (security.some((one) => 'bearer' in one)) return ['-H "Authorization: Bearer $TOKEN"'];
  const fromOurPages = '-H "Origin: $API"';
  if (security.length > 0) return [fromOurPages, '-b cookies.txt -c cookies.txt'];
  const setsCookies = Object.values(responses).some(({ headers }) => headers && 'Set-Cookie' in headers);
  return setsCookies ? [fromOurPages, '-c cookies.txt'] : [];
};

/** A command that sends the operation's example, after those of the introduction. */
export const curlOf = (method: string, path: string, operation: Operation): string => {
  const parameters = operation.parameters.filter(({ example }) => example !== undefined);
  const filled = path.replaceAll(/\{(\w+)\}/g, (_all, name: string) =>
    String(parameters.find((one) => one.in === 'path' && one.name === name)?.example ?? name),
  );
  const query = parameters
    .filter((one) => one.in === 'query' && one.required)
    .map(({ name, example }) => `${name}=${encodeURIComponent(String(example))}`);
  const url = `$API${filled}${query.length > 0 ? `?${query.join('&')}` : ''}`;
  const headers = parameters
    .filter((one) => one.in === 'header')
    .map(({ name, example }) => `-H ${quoted(`${name}: ${String(example)}`)}`);
  const body = operation.requestBody?.content['application/json'];
  const sent = body
    ? ["-H 'Content-Type: application/json'", `-d ${quoted(JSON.stringify(body.example, null, 2))}`]
    : [];
  const verb = method === 'GET' || (method === 'POST' && body) ? '' : ` -X ${method}`;
  return [`curl -sS${verb} "${url}"`, ...credentialsOf(operation), ...headers, ...sent].join(' \\\n  ');
};
