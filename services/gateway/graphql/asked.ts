import * as z from 'zod/mini';
import { AppError } from '../../../broker/calls/errors.ts';
import { fieldErrorsOf } from '../../../broker/calls/implement.ts';
import type { Exchange } from '../http/exchange.ts';
import { readJson, readQuery } from '../http/read-params.ts';
import { BODY_MAX_BYTES } from '../http/routes.ts';
import type { Variables } from './limits.ts';

/** What a client sends (github.com/graphql/graphql-over-http): a document, or the id of a trusted one. */
export type Asked = {
  query?: string | undefined;
  documentId?: string | undefined;
  operationName: string | undefined;
  variables: Variables;
};

export const BODY = { bodyMaxBytes: BODY_MAX_BYTES };

const object = z.nullish(z.record(z.string(), z.unknown()));
const asked = z.object({
  query: z.nullish(z.string({ error: 'must be a GraphQL document' })),
  documentId: z.nullish(z.string({ error: 'must be text' })),
  operationName: z.nullish(z.string({ error: 'must be text' })),
  variables: object,
  extensions: object,
});

/** @throws AppError `invalid_params` */
export const readAsked = (given: unknown): Asked => {
  const parsed = asked.safeParse(given);
  if (!parsed.success) throw new AppError('invalid_params', { errors: fieldErrorsOf(parsed.error.issues) });
  const { query, documentId, operationName, variables } = parsed.data;
  if ((query ?? documentId) === undefined || (query ?? documentId) === null)
    throw new AppError('invalid_params', {
      errors: [{ path: 'query', message: 'must be a GraphQL document' }],
    });
  return {
    query: query ?? undefined,
    documentId: documentId ?? undefined,
    operationName: operationName ?? undefined,
    variables: variables ?? {},
  };
};

const jsonOf = (text: unknown): unknown => {
  if (typeof text !== 'string' || text === '') return undefined;
  try {
    return JSON.parse(text);
  } catch {
    throw new AppError('malformed_json');
  }
};

/** From the body, or from the query of a GET. */
export const askedBy = async ({ request, query }: Exchange): Promise<Asked> => {
  if (request.method === 'POST') return readAsked(await readJson(request, BODY));
  const { variables, extensions, ...params } = readQuery(query);
  return readAsked({ ...params, variables: jsonOf(variables), extensions: jsonOf(extensions) });
};
