import {
  introductionLead,
  introductionSections,
  type Section,
  type Table,
} from '../../../../shared/contracts/documentation/introduction.ts';
import { frameOf, schemasView, slug } from './frame.ts';
import { html, inline, type Html } from './html.ts';
import {
  codeView,
  listedOf,
  methodView,
  operationView,
  type Document,
  type Listed,
} from './operation-view.ts';

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
const isShown = ([name]: readonly [string, unknown]): boolean => !name.endsWith('Request');

const mainView = (document: Document, sections: readonly Section[]): Html => {
  const shown = Object.entries(document.components.schemas).filter(isShown);
  return html`<main id="main" tabindex="-1">
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
    ${schemasView(shown)}
  </main>`;
};

/** The page of the API documentation. @param publicUrl the address that its commands use */
export const pageOf = (document: Document, publicUrl: string): string => {
  const sections = introductionSections(publicUrl);
  return frameOf({
    title: 'API reference',
    things: 'operations',
    download: { path: '/api/openapi.json', label: 'OpenAPI' },
    other: { path: '/api/docs/events', label: 'Events' },
    navigation: navigationView(document, sections),
    main: mainView(document, sections),
  });
};
