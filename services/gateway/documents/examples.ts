import { nameIn, textOf, type Schema } from './schemas.ts';

const INSTANT = '2026-11-23T09:30:00.000Z';

type Named = Readonly<Record<string, Schema>>;

const typeOf = ({ type }: Schema): string | undefined =>
  typeof type === 'string' ? type : type?.find((one) => one !== 'null');

const ofProperties = ({ properties = {} }: Schema, named: Named, owner: string): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(properties).flatMap(([name, property]) => {
      const example = propertyExample(property, named, owner, name);
      return example === undefined ? [] : [[name, example]];
    }),
  );

const ofType = (schema: Schema, named: Named, owner: string): unknown => {
  switch (typeOf(schema)) {
    case 'object':
      return ofProperties(schema, named, owner);
    case 'array':
      return [exampleOf(schema['items'] as Schema, named, owner)];
    case 'integer':
      return schema['minimum'] ?? 1;
    case 'boolean':
      return false;
    default:
      return schema['format'] === 'date-time' ? INSTANT : undefined;
  }
};

/** An example of a schema, made of those of its properties; undefined where it has none. */
export const exampleOf = (schema: Schema, named: Named, owner: string): unknown => {
  if (schema.$ref) {
    const name = nameIn(schema.$ref);
    return exampleOf(named[name] ?? {}, named, name);
  }
  const given = schema['examples'] as unknown[] | undefined;
  if (given) return given[0];
  if ('const' in schema) return schema['const'];
  if ('default' in schema) return schema['default'];
  const values = schema['enum'] as unknown[] | undefined;
  if (values) return values[0];
  const parts = schema['allOf'] as Schema[] | undefined;
  if (parts) return Object.assign({}, ...parts.map((part) => exampleOf(part, named, owner)));
  const [first] = (schema['anyOf'] ?? schema['oneOf'] ?? []) as Schema[];
  return first ? exampleOf(first, named, owner) : ofType(schema, named, owner);
};

/** The example of a property or parameter: that of its text, else that of its schema. */
export const propertyExample = (schema: Schema, named: Named, owner: string, name: string): unknown => {
  const text = textOf(owner, name);
  if (text && 'example' in text) return text.example;
  return exampleOf(schema, named, `${owner}.${name}`);
};
