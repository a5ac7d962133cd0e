import {
  GraphQLError,
  isInputType,
  Kind,
  typeFromAST,
  validateInputValue,
  visit,
  type ASTNode,
  type DocumentNode,
  type GraphQLSchema,
  type OperationDefinitionNode,
} from 'graphql';
import { AppError } from '../../../broker/calls/errors.ts';
import type { FieldError } from '../../../shared/contracts/errors.ts';
import type { Variables } from './limits.ts';

const named = (node: ASTNode): string | null =>
  node.kind === Kind.ARGUMENT || node.kind === Kind.OBJECT_FIELD ? node.name.value : null;

/** The paths of nodes as arguments have them, such as `payee.email`; '' for what is in no argument. */
const pathsOf = (document: DocumentNode, wanted: (node: ASTNode) => boolean): Map<ASTNode, string> => {
  const paths = new Map<ASTNode, string>();
  visit(document, {
    enter: (node, key, parent, _path, ancestors) => {
      if (!wanted(node)) return;
      const above = [...ancestors, parent].flatMap((one) =>
        one === undefined || Array.isArray(one) ? [] : [one as ASTNode],
      );
      const names = [...above, node].flatMap((one) => named(one) ?? []);
      const index = typeof key === 'number' && above.at(-1)?.kind === Kind.LIST ? [String(key)] : [];
      paths.set(node, [...names, ...index].join('.'));
    },
  });
  return paths;
};

const invalid = (errors: FieldError[], nodes?: readonly ASTNode[]): GraphQLError => {
  const originalError = new AppError('invalid_params', { errors });
  return new GraphQLError(originalError.message, { nodes: nodes ?? null, originalError });
};

/** `Argument "Query.paymentsGet(id:)" of type …` names an argument that is missing. */
const MISSING = /^Argument "\w+\.\w+\((\w+):\)"/;

/**
 * The errors of a document that does not fit the schema. A wrong or missing value is `invalid_params` with
 * the path of its argument, as an action refuses it; all else is `bad_request`.
 */
export const documentErrors = (document: DocumentNode, errors: readonly GraphQLError[]): GraphQLError[] => {
  const nodes = new Set(errors.flatMap((error) => error.nodes ?? []));
  const paths = pathsOf(document, (node) => nodes.has(node));
  return errors.map((error) => {
    const path = MISSING.exec(error.message)?.[1] ?? paths.get(error.nodes?.[0] as ASTNode) ?? '';
    if (path !== '') return invalid([{ path, message: error.message }], error.nodes);
    const originalError = new AppError('bad_request', { detail: error.message });
    return new GraphQLError(error.message, { nodes: error.nodes ?? null, originalError });
  });
};

/** The error of variables that do not fit their types, with the path of each as its argument has it. */
export const variableErrors = (
  schema: GraphQLSchema,
  document: DocumentNode,
  { variableDefinitions = [] }: OperationDefinitionNode,
  variables: Variables,
): GraphQLError => {
  const paths = pathsOf(document, (node) => node.kind === Kind.VARIABLE);
  const pathOf = (name: string): string => {
    const uses = [...paths].filter(([node]) => node.kind === Kind.VARIABLE && node.name.value === name);
    return uses.map(([, path]) => path).find((path) => path !== '') ?? name;
  };
  const errors = variableDefinitions.flatMap(({ variable, type: node, defaultValue }): FieldError[] => {
    const type = typeFromAST(schema, node);
    const found: FieldError[] = [];
    const { value: name } = variable.name;
    const given = Object.hasOwn(variables, name) ? variables[name] : undefined;
    if (!isInputType(type) || (given === undefined && defaultValue)) return found;
    validateInputValue(given, type, ({ message }, inside) =>
      found.push({ path: [pathOf(name), ...inside].join('.'), message }),
    );
    return found;
  });
  return invalid(errors);
};
