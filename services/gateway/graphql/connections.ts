import {
  GraphQLBoolean,
  GraphQLList,
  GraphQLNonNull,
  GraphQLObjectType,
  GraphQLString,
  type GraphQLFieldConfigMap,
  type GraphQLOutputType,
} from 'graphql';
import type * as z from 'zod/mini';
import type { GraphqlContext } from './context.ts';

type Page = { items: readonly unknown[]; nextCursor: string | null };
type Fields = GraphQLFieldConfigMap<unknown, GraphqlContext>;

/** Whether a result is one page of a list with cursors. */
export const isPage = (schema: z.ZodMiniType): boolean => {
  const { shape = {} } = schema._zod.def as { shape?: object };
  return 'items' in shape && 'nextCursor' in shape;
};

const PAGE_INFO = new GraphQLObjectType<Page>({
  name: 'PageInfo',
  description: 'Whether a list goes on, and from where. Lists are read forwards.',
  fields: {
    hasNextPage: {
      type: new GraphQLNonNull(GraphQLBoolean),
      resolve: ({ nextCursor }) => nextCursor !== null,
    },
    hasPreviousPage: { type: new GraphQLNonNull(GraphQLBoolean), resolve: () => false },
    startCursor: { type: GraphQLString, resolve: () => null },
    endCursor: {
      type: GraphQLString,
      description: 'Pass it as `after` to read the next page.',
      resolve: ({ nextCursor }) => nextCursor,
    },
  },
});

const itemOf = (list: GraphQLOutputType): GraphQLOutputType => {
  const inner = list instanceof GraphQLNonNull ? list.ofType : list;
  return (inner as GraphQLList<GraphQLOutputType>).ofType;
};

/**
 * The fields of a page as a connection (relay.dev/graphql/connections.htm). A list gives out a cursor for the
 * end of a page only.
 */
export const pageFields = (name: string, { items, nextCursor: _, ...others }: Fields): Fields => {
  const node = itemOf(items!.type);
  const edge = new GraphQLObjectType<{ node: unknown; cursor: string | null }>({
    name: `${name}Edge`,
    fields: {
      node: { type: node },
      cursor: { type: GraphQLString, description: 'Of the last one of a page; null for all others.' },
    },
  });
  const list = (type: GraphQLOutputType) => new GraphQLNonNull(new GraphQLList(type));
  return {
    ...others,
    nodes: { type: list(node), resolve: (page) => (page as Page).items },
    edges: {
      type: list(new GraphQLNonNull(edge)),
      resolve: (page) => {
        const { items: all, nextCursor } = page as Page;
        return all.map((one, at) => ({ node: one, cursor: at === all.length - 1 ? nextCursor : null }));
      },
    },
    pageInfo: { type: new GraphQLNonNull(PAGE_INFO), resolve: (page) => page },
  };
};
