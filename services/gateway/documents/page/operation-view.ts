import { nameIn, type Json, type Schema } from '../schemas.ts';
import { curlOf, type Content, type Operation } from './curl.ts';
import { html, inline, paragraphs, type Html } from './html.ts';
import { fieldsView, schemaView, typeView } from './schema-view.ts';

/** The parts of the document that its page shows. */
export type Document = {
  info: { title: string; version: string };
  tags: readonly { name: string; description: string }[];
  paths: Record<string, Record<string, Operation>>;
  components: {
    schemas: Record<string, Schema>;
    responses: Record<string, { description: string; content?: Content }>;
    headers: Record<string, { description: string }>;
  };
};

/** An operation with its method and path. */
export type Listed = { method: string; path: string; operation: Operation };

export const listedOf = ({ paths }: Document): readonly Listed[] =>
  Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ method: method.toUpperCase(), path, operation })),
  );

export const methodView = (method: string): Html =>
  html`<span class="method ${method.toLowerCase()}">${method}</span>`;

/** Text to copy, with a caption above. */
export const codeView = (caption: string, text: string): Html =>
  html`<figure class="code">
    <figcaption>${caption}</figcaption>
    <pre><code>${text}</code></pre>
  </figure>`;

const part = (title: string, content: Html): Html =>
  html`<h4>${title}</h4>
    ${content}`;

const parametersView = ({ parameters }: Operation): Html | null => {
  const places = { path: 'In the path', query: 'In the query', header: 'In the headers' } as const;
  const views = Object.entries(places).flatMap(([place, title]) => {
    const found = parameters.filter((one) => one.in === place);
    const fields = found.map((one) => ({
      ...one,
      schema: one.schema as Schema,
      mark: one.required ? ('required' as const) : null,
    }));
    return found.length === 0 ? [] : [part(title, fieldsView(fields))];
  });
  return views.length === 0 ? null : html`${views}`;
};

const bodyView = ({ requestBody }: Operation, { components }: Document): Html | null => {
  const schema = requestBody?.content['application/json']?.schema as Schema | undefined;
  if (schema === undefined) return null;
  const named = schema.$ref ? components.schemas[nameIn(schema.$ref)] : schema;
  return named?.properties
    ? part('In the body', schemaView(named, 'required'))
    : part('In the body', html`<p>${inline(named?.description ?? '')}</p>`);
};

const successOf = ({ responses }: Operation) =>
  Object.entries(responses).find(([status]) => Number(status) < 300);

const COMMON_HEADERS = ['X-Request-Id', 'RateLimit', 'RateLimit-Policy'];

const answerView = (operation: Operation, { components }: Document): Html => {
  const [status = '', { description = '', content, headers = {} } = {}] = successOf(operation) ?? [];
  const schema = content?.['application/json']?.schema;
  const own = Object.keys(headers).filter((name) => !COMMON_HEADERS.includes(name));
  const answer = html`<p><code>${status}</code> ${schema ? typeView(schema as Schema) : description}</p>`;
  const fields = own.map((name) => ({
    name,
    schema: { type: 'string' },
    mark: null,
    description: components.headers[name]?.description,
  }));
  return part('Answer', html`${answer} ${fields.length > 0 ? fieldsView(fields) : null}`);
};

const errorsView = ({ responses }: Operation, { components }: Document): Html => {
  const errors = Object.entries(responses).flatMap(([status, { $ref = '' }]) => {
    const name = $ref.split('/').at(-1) ?? '';
    const texts = components.responses[name]?.description.split('\n\n') ?? [];
    return texts.map((text) => ({ status, text }));
  });
  return html`<details class="errors">
    <summary>Errors <span class="count">${errors.length}</span></summary>
    <ul>
      ${errors.map(({ status, text }) => html`<li><span class="status">${status}</span> <span>${inline(text)}</span></li>`)}
    </ul>
  </details>`;
};

const samplesView = ({ method, path, operation }: Listed): Html => {
  const [status, success] = successOf(operation) ?? [];
  const example = success?.content?.['application/json']?.example as Json | undefined;
  return html`<div class="samples">
    ${codeView('Request', curlOf(method, path, operation))}
    ${example ? codeView(`Answer ${status ?? ''}`, JSON.stringify(example, null, 2)) : null}
  </div>`;
};

/** One operation with all that a caller needs. */
export const operationView = (listed: Listed, document: Document): Html => {
  const { method, path, operation } = listed;
  const { operationId, summary, description } = operation;
  return html`<article
    class="operation"
    id="${operationId}"
    data-find="${[method, path, operationId, summary, description].join(' ').toLowerCase()}"
  >
    <h3><a class="self" href="#${operationId}">${inline(summary)}</a></h3>
    <p class="route">${methodView(method)} <code>${path}</code></p>
    <div class="columns">
      <div class="texts">
        ${paragraphs(description)} ${parametersView(operation)} ${bodyView(operation, document)}
        ${answerView(operation, document)} ${errorsView(operation, document)}
      </div>
      ${samplesView(listed)}
    </div>
  </article>`;
};
