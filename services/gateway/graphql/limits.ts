import {
  getNamedType,
  isCompositeType,
  isListType,
  isNonNullType,
  isObjectType,
  Kind,
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLNamedType,
  type GraphQLSchema,
  type OperationDefinitionNode,
  type SelectionSetNode,
} from 'graphql';

/** What a document may have at most. */
export const LIMITS = {
  /** Names, signs and values; the parser stops at them. A page of the app needs about a hundred. */
  tokens: 1_000,
  /** Fields inside one another. */
  depth: 12,
  aliases: 30,
  /** Fields of the query or mutation itself: each calls an action. */
  calls: 20,
  /** Values that the answer may have, counted with the sizes of its lists. */
  cost: 10_000,
} as const;

/** How many items a list without a size of its own is counted as. */
const LIST_SIZE = 10;

export type Variables = Readonly<Record<string, unknown>>;
/** `calls` are the fields at the top. */
type Measured = Record<'depth' | 'aliases' | 'cost' | 'calls', number>;
const NOTHING: Measured = { depth: 0, aliases: 0, cost: 0, calls: 0 };

const isList = (type: unknown): boolean =>
  isListType(type) || (isNonNullType(type) && isListType(type.ofType));

/** How many items a connection's field asks for: `first`, or its default. */
const firstOf = (node: FieldNode, standard: unknown, variables: Variables): number => {
  const value = node.arguments?.find(({ name }) => name.value === 'first')?.value;
  const given =
    value?.kind === Kind.VARIABLE
      ? variables[value.name.value]
      : value?.kind === Kind.INT
        ? Number(value.value)
        : undefined;
  const size = Number(given ?? standard);
  return size > 0 ? size : 1;
};

/**
 * Measures what an operation may ask for. Each fragment is measured once, however often it is used, so that
 * the time follows the document's length; one inside itself counts as nothing, and is refused later.
 */
export const measure = (
  schema: GraphQLSchema,
  document: DocumentNode,
  operation: OperationDefinitionNode,
  variables: Variables,
): Measured => {
  const fragments = new Map<string, FragmentDefinitionNode>();
  for (const node of document.definitions)
    if (node.kind === Kind.FRAGMENT_DEFINITION) fragments.set(node.name.value, node);
  const known = new Map<string, Measured>();

  const fieldIn = (node: FieldNode, parent: GraphQLNamedType | undefined, pageSize: number): Measured => {
    const aliases = node.alias ? 1 : 0;
    const name = node.name.value;
    const field = isObjectType(parent) ? parent.getFields()[name] : undefined;
    const isIntrospection = name.startsWith('__');
    if (!node.selectionSet || isIntrospection) return { depth: 1, aliases, cost: 1, calls: 1 };
    const type = field && getNamedType(field.type);
    const standard = field?.args.find((arg) => arg.name === 'first')?.default?.value;
    const inner = setIn(node.selectionSet, type, firstOf(node, standard, variables));
    const isOfPage = name === 'nodes' || name === 'edges';
    const size = isOfPage ? pageSize : field && isList(field.type) ? LIST_SIZE : 1;
    const cost = 1 + size * inner.cost;
    return { depth: inner.depth + 1, aliases: inner.aliases + aliases, cost, calls: 1 };
  };

  const fragmentIn = (name: string, pageSize: number): Measured => {
    const fragment = fragments.get(name);
    const key = `${name} ${pageSize}`;
    const found = known.get(key);
    if (found || !fragment) return found ?? NOTHING;
    known.set(key, NOTHING);
    const type = schema.getType(fragment.typeCondition.name.value);
    const measured = setIn(fragment.selectionSet, type, pageSize);
    known.set(key, measured);
    return measured;
  };

  const setIn = (
    { selections }: SelectionSetNode,
    parent: GraphQLNamedType | undefined,
    pageSize: number,
  ): Measured => {
    const sum = { ...NOTHING };
    for (const node of selections) {
      const type =
        node.kind === Kind.INLINE_FRAGMENT && node.typeCondition
          ? schema.getType(node.typeCondition.name.value)
          : parent;
      const one =
        node.kind === Kind.FIELD
          ? fieldIn(node, parent, pageSize)
          : node.kind === Kind.FRAGMENT_SPREAD
            ? fragmentIn(node.name.value, pageSize)
            : setIn(node.selectionSet, isCompositeType(type) ? type : undefined, pageSize);
      sum.depth = Math.max(sum.depth, one.depth);
      sum.aliases += one.aliases;
      sum.cost += one.cost;
      sum.calls += one.calls;
    }
    return sum;
  };

  return setIn(operation.selectionSet, schema.getRootType(operation.operation) ?? undefined, 1);
};

const SENTENCES: Readonly<Record<keyof Measured, string>> = {
  depth: 'has fields inside one another',
  aliases: 'has aliases',
  cost: 'may be answered with values',
  calls: 'calls actions',
};

/** What an operation has too much of, as a sentence; null where it keeps within the limits. */
export const overLimit = (measured: Measured): string | null => {
  for (const [what, sentence] of Object.entries(SENTENCES) as [keyof Measured, string][]) {
    const [most, count] = [LIMITS[what], measured[what]];
    if (count > most) return `The document ${sentence}: ${count}, and at most ${most} are allowed.`;
  }
  return null;
};
