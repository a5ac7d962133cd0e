import {
  introductionLead,
  introductionSections,
  type Section,
  type Table,
} from '../../../../shared/contracts/documentation/introduction.ts';
import { html, inline, paragraphs, type Html } from './html.ts';
import {
  codeView,
  listedOf,
  methodView,
  operationView,
  type Document,
  type Listed,
} from './operation-view.ts';
import { schemaView } from './schema-view.ts';

const slug = (title: string): string => title.toLowerCase().replaceAll(/[^a-z]+/g, '-');

/** The operations of each tag, in the order of the tags. */
const groupsOf = (document: Document) => {
  const listed = listedOf(document);
  return document.tags.map((tag) => ({
    ...tag,
    operations: listed.filter(({ operation }) => operation.tags.includes(tag.name)),
  }));
};

const navigationView = (document: Document, sections: readonly Section[]): Html => {
  const operationLink = ({ method, operation }: Listed): Html =>
    html`<li data-for="${operation.operationId}">
      <a href="#${operation.operationId}">${methodView(method)} ${operation.summary.split(/[,:;]/)[0]}</a>
    </li>`;
  return html`<nav aria-label="Contents">
    <h2>Start</h2>
    <ul>
      ${sections.map(({ title }) => html`<li><a href="#${slug(title)}">${title}</a></li>`)}
    </ul>
    ${groupsOf(document).map(
      ({ name, operations }) =>
        html`<div class="group">
          <h2><a href="#${slug(name)}">${name}</a></h2>
          <ul>
            ${operations.map(operationLink)}
          </ul>
        </div>`,
    )}
    <h2><a href="#schemas">Schemas</a></h2>
  </nav>`;
};

const tableView = ({ columns, rows }: Table): Html =>
  html`<table>
    <thead>
      <tr>
        ${columns.map((column) => html`<th scope="col">${column}</th>`)}
      </tr>
    </thead>
    <tbody>
      ${rows.map(
        (cells) =>
          html`<tr>
            ${cells.map((cell) => html`<td>${cell}</td>`)}
          </tr>`,
      )}
    </tbody>
  </table>`;

const partView = (part: Section['parts'][number]): Html => {
  if ('text' in part) return html`<p>${inline(part.text)}</p>`;
  return 'commands' in part ? codeView('Shell', part.commands) : tableView(part.table);
};

const sectionView = ({ title, parts }: Section): Html =>
  html`<section class="section" id="${slug(title)}">
    <h2><a class="self" href="#${slug(title)}">${title}</a></h2>
    ${parts.map(partView)}
  </section>`;

/** What requests take is shown with their operations. */
const schemasView = ({ components }: Document): Html =>
  html`<section id="schemas">
    <h2><a class="self" href="#schemas">Schemas</a></h2>
    ${Object.entries(components.schemas)
      .filter(([name]) => !name.endsWith('Request'))
      .map(
        ([name, schema]) =>
          html`<article class="schema" id="schema-${name}">
            <h3><a class="self" href="#schema-${name}">${name}</a></h3>
            ${paragraphs(schema.description ?? '')} ${schemaView(schema, 'optional')}
          </article>`,
      )}
  </section>`;

const mainView = (document: Document, sections: readonly Section[]): Html =>
  html`<main id="main" tabindex="-1">
    <h1>Payloom API</h1>
    <p class="lead">${introductionLead}</p>
    <div id="start">${sections.map(sectionView)}</div>
    ${groupsOf(document).map(
      ({ name, description, operations }) =>
        html`<section class="topic" id="${slug(name)}">
          <h2><a class="self" href="#${slug(name)}">${name}</a></h2>
          <p>${inline(description)}</p>
          ${operations.map((listed) => operationView(listed, document))}
        </section>`,
    )}
    ${schemasView(document)}
  </main>`;

/** The threads of the brand's mark, as the pages' header draws them. */
const MARK =
  'M11.5 6v11.2M11.5 23.8V26M20.5 6v2.2M20.5 14.8V26M6 11.5h2.2M14.8 11.5H26M6 20.5h11.2M23.8 20.5H26';

const headerView: Html = html`<a class="skip" href="#main">Skip to the content</a>
  <header>
    <a class="brand" href="/" aria-label="Payloom, to the start page">
      <svg viewBox="0 0 32 32" width="28" height="28" aria-hidden="true" focusable="false">
        <rect width="32" height="32" rx="8" />
        <path d="${MARK}" />
      </svg>
      <span>Payloom</span>
    </a>
    <a class="download" href="/api/openapi.json">OpenAPI document</a>
  </header>`;

/** The page of the API documentation. @param publicUrl the address that its commands use */
export const pageOf = (document: Document, publicUrl: string): string => {
  const sections = introductionSections(publicUrl);
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>API reference · Payloom</title>
        <link rel="icon" href="/favicon.svg" type="image/svg+xml" />
        <link rel="stylesheet" href="/api/docs/docs.css" />
        <script src="/api/docs/theme.js"></script>
        <script src="/api/docs/docs.js" defer></script>
      </head>
      <body>
        ${headerView}
        <div class="layout">
          <div class="side">
            <search class="find" hidden>
              <label for="find">Find an operation</label>
              <input id="find" class="ui-control" type="search" autocomplete="off" spellcheck="false" />
              <div class="result">
                <p id="found" role="status"></p>
                <button id="clear" type="button" hidden>Clear</button>
              </div>
            </search>
            <details class="contents" open>
              <summary>Contents</summary>
              ${navigationView(document, sections)}
            </details>
          </div>
          ${mainView(document, sections)}
        </div>
      </body>
    </html>`.markup;
};
