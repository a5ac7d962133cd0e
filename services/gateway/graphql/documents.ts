import {
  getOperationAST,
  NoSchemaIntrospectionCustomRule,
  parse,
  specifiedRules,
  validate,
  GraphQLError,
  type DocumentNode,
  type GraphQLSchema,
  type OperationDefinitionNode,
} from 'graphql';
import { LRUCache } from 'lru-cache';
import { AppError } from '../../../broker/calls/errors.ts';
import { OWN_DOCUMENTS } from '../../../shared/contracts/graphql/own-documents.ts';
import type { Asked } from './asked.ts';
import { refused, Refusal } from './failures.ts';
import { LIMITS, measure, overLimit } from './limits.ts';
import { documentErrors } from './wrong-values.ts';

/** A document that may run. */
export type Prepared = { document: DocumentNode; operation: OperationDefinitionNode };

/** Clients send few documents again and again; a document of the most tokens takes some 300 KB. */
const KEPT_MAX = 100;
const ERRORS_MAX = 10;

const parsed = (query: string): DocumentNode => {
  try {
    return parse(query, { maxTokens: LIMITS.tokens });
  } catch (error) {
    if (!(error instanceof GraphQLError)) throw error;
    const { message: detail, source, positions } = error;
    const originalError = new AppError('bad_request', { detail });
    throw new Refusal([
      new GraphQLError(detail, { source: source ?? null, positions: positions ?? null, originalError }),
    ]);
  }
};

/** `documents` are the trusted ones by their ids; where it is not null, only these and our pages' run. */
type Settings = { introspection: boolean; documents: ReadonlyMap<string, string> | null };

/** Reads documents and keeps those that are right. */
export const documentsOf = (schema: GraphQLSchema, { introspection, documents }: Settings) => {
  const known = new LRUCache<string, DocumentNode>({ max: KEPT_MAX });
  const rules = introspection ? specifiedRules : [...specifiedRules, NoSchemaIntrospectionCustomRule];

  const trusted = documents && new Set([...documents.values(), ...OWN_DOCUMENTS]);
  const textOf = ({ query, documentId }: Partial<Asked>): string => {
    const text = query ?? documents?.get(documentId ?? '');
    if (text === undefined) throw refused('There is no trusted document of this id.');
    if (trusted && !trusted.has(text)) throw refused('Only trusted documents run here.');
    return text;
  };

  /** Before the document is compared with the schema, which takes longer. */
  const check = (
    { operationName, variables }: Partial<Asked> & Pick<Asked, 'variables'>,
    document: DocumentNode,
  ): OperationDefinitionNode => {
    const operation = getOperationAST(document, operationName);
    if (!operation)
      throw refused('The document has no operation of this name, or several and no name is given.');
    const over = overLimit(measure(schema, document, operation, variables));
    if (over !== null) throw refused(over);
    return operation;
  };

  return (asked: Pick<Asked, 'variables'> & Partial<Asked>): Prepared => {
    const query = textOf(asked);
    const kept = known.get(query);
    const document = kept ?? parsed(query);
    const operation = check(asked, document);
    if (kept) return { document, operation };
    const errors = validate(schema, document, rules, {
      maxErrors: ERRORS_MAX,
      hideSuggestions: !introspection,
    });
    if (errors.length > 0) throw new Refusal(documentErrors(document, errors));
    known.set(query, document);
    return { document, operation };
  };
};
