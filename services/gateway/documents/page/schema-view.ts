import { nameIn, type Schema } from '../schemas.ts';
import { html, inline, type Html } from './html.ts';

const linkTo = (name: string): Html => html`<a href="#schema-${name}">${name}</a>`;

const isNull = ({ type }: Schema): boolean => type === 'null';
const partsOf = (schema: Schema): readonly Schema[] =>
  (schema['anyOf'] ?? schema['oneOf'] ?? []) as readonly Schema[];

const FORMATS: Readonly<Record<string, string>> = {
  'date-time': 'time',
  email: 'e-mail address',
  uri: 'URI',
};

const simpleType = (schema: Schema): string => {
  const type = typeof schema.type === 'string' ? schema.type : schema.type?.find((one) => one !== 'null');
  if (type === 'string') return FORMATS[String(schema['format'])] ?? 'text';
  return type === 'object' ? 'object' : (type ?? 'anything');
};

const separated = (parts: readonly Html[], word: string): Html =>
  html`${parts.map((part, index) => (index === 0 ? part : html`${word}${part}`))}`;

/** The type of a value in words, with links to named schemas. */
export const typeView = (schema: Schema): Html => {
  if (schema.$ref) return linkTo(nameIn(schema.$ref));
  const parts = partsOf(schema);
  if (parts.length > 0) {
    const types = parts.filter((part) => !isNull(part)).map(typeView);
    return separated([...types, ...(parts.some(isNull) ? [html`null`] : [])], ' or ');
  }
  const values = schema['enum'] as readonly string[] | undefined;
  if (values)
    return separated(
      values.map((value) => html`<code>${value}</code>`),
      ' · ',
    );
  if ('const' in schema) return html`<code>${String(schema['const'])}</code>`;
  if (schema['items']) return html`list of ${typeView(schema['items'] as Schema)}`;
  if (typeof schema['additionalProperties'] === 'object') return html`pairs of text`;
  const fields = Object.keys(schema.properties ?? {}).map((name) => html`<code>${name}</code>`);
  if (fields.length > 0) return html`object with ${separated(fields, ', ')}`;
  const orNull = Array.isArray(schema.type) && schema.type.includes('null') ? ' or null' : '';
  return html`${simpleType(schema)}${orNull}`;
};

const range = (least: unknown, most: unknown, unit: string): string | null => {
  if (least !== undefined && most !== undefined) return `${String(least)} to ${String(most)}${unit}`;
  if (least !== undefined) return `at least ${String(least)}${unit}`;
  return most === undefined ? null : `at most ${String(most)}${unit}`;
};

/** Length, bounds, default, example. */
const rulesOf = (schema: Schema): string =>
  [
    range(schema['minLength'], schema['maxLength'], ' characters'),
    range(schema['minimum'], schema['maximum'], ''),
    range(undefined, schema['maxProperties'], ' pairs'),
    'default' in schema ? `${String(schema['default'])} by default` : null,
    Array.isArray(schema['examples']) ? `such as ${String(schema['examples'][0])}` : null,
  ]
    .filter((rule) => rule !== null)
    .join(', ');

type Field = {
  name: string;
  schema: Schema;
  /** In a request what is required, in an answer what is optional. */
  mark: 'required' | 'optional' | null;
  description?: string | undefined;
};

const fieldView = ({ name, schema, mark, description }: Field): Html => {
  const rules = rulesOf(schema);
  return html`<div class="field">
    <dt>
      <code class="name">${name}</code> <span class="type">${typeView(schema)}</span>
      ${mark ? html`<span class="${mark}">${mark}</span>` : null}
    </dt>
    <dd>
      ${description ? inline(description) : null} ${rules ? html`<span class="rules">${rules}</span>` : null}
    </dd>
  </div>`;
};

/** Fields with type, rules and description. */
export const fieldsView = (fields: readonly Field[]): Html =>
  html`<dl class="fields">${fields.map(fieldView)}</dl>`;

/** The properties of an object as fields; of what it extends, only a link. */
const propertiesOf = (schema: Schema, mark: 'required' | 'optional'): readonly Field[] => {
  const required = new Set(schema.required);
  return Object.entries(schema.properties ?? {}).map(([name, property]) => ({
    name,
    schema: property,
    mark: required.has(name) === (mark === 'required') ? mark : null,
    description: property.description,
  }));
};

/** A schema's content, without its description. @param mark which of its fields are marked */
export const schemaView = (schema: Schema, mark: 'required' | 'optional'): Html => {
  const parts = schema['allOf'] as readonly Schema[] | undefined;
  if (parts) {
    const [base, ...added] = parts;
    return html`${base ? html`<p>Everything of ${typeView(base)}, and:</p>` : null}
    ${added.map((part) => schemaView(part, mark))}`;
  }
  if (schema.properties && Object.keys(schema.properties).length > 0)
    return fieldsView(propertiesOf(schema, mark));
  const rules = rulesOf(schema);
  return html`<p class="type">
    ${typeView(schema)}${rules ? html` <span class="rules">${rules}</span>` : null}
  </p>`;
};
