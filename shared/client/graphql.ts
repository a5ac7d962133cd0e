import type { ParamsOf } from '../contracts/contract.ts';
import type { Problem } from '../contracts/errors.ts';
import type { HttpAction, Query } from './client.ts';
import { ProblemError } from './problem.ts';

/** An error of the gateway (docs/graphql.md): a problem, with the path of the field that it refuses. */
type Failure = {
  message: string;
  path?: readonly (string | number)[];
  extensions: Omit<Problem, 'type' | 'title' | 'detail'> & { retryAfterS?: number };
};
type Body = { data?: Record<string, unknown> | null; errors?: readonly Failure[] };

const problemIn = ({ message, extensions }: Failure): ProblemError => {
  const { retryAfterS, ...problem } = extensions;
  const { code } = problem;
  return new ProblemError({ type: 'about:blank', title: code, detail: message, ...problem }, retryAfterS);
};

/**
 * The data of an answer. A field inside it that was refused, such as an avatar, is null.
 * @throws ProblemError when an action, or the whole document, was refused
 */
const dataIn = ({ data, errors = [] }: Body): object => {
  const refused = errors.find(({ path: [field] = [] }) => !data || data[field ?? ''] === null);
  if (refused) throw problemIn(refused);
  return data ?? {};
};

/**
 * A GraphQL query that answers what the action does. It is sent as a GET, which changes nothing.
 * @param document its variables are the action's params and those of `more`
 * @param pick takes the result from the answered data
 */
export const graphqlQuery = <A extends HttpAction, Data extends object, R>(
  action: A,
  document: string,
  pick: (data: Data) => R,
  more: object = {},
): Query<A, R> => ({
  action,
  requestOf: (params: ParamsOf<A>) => {
    const variables = JSON.stringify({ ...(params as object), ...more });
    const path = `/api/graphql?${new URLSearchParams({ query: document, variables }).toString()}`;
    return { method: 'GET', path, body: undefined };
  },
  resultOf: (body) => pick(dataIn(body as Body) as Data),
});
