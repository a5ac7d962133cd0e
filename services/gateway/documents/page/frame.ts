import type { Schema } from '../schemas.ts';
import { html, paragraphs, type Html } from './html.ts';
import { schemaView } from './schema-view.ts';

export const slug = (title: string): string => title.toLowerCase().replaceAll(/[^a-z]+/g, '-');

/** The schemas that others refer to, by name. */
export const schemasView = (schemas: readonly (readonly [string, Schema])[]): Html =>
  html`<section id="schemas">
    <h2><a class="self" href="#schemas">Schemas</a></h2>
    ${schemas.map(
      ([name, schema]) =>
        html`<article class="schema" id="schema-${name}">
          <h3><a class="self" href="#schema-${name}">${name}</a></h3>
          ${paragraphs(schema.description ?? '')} ${schemaView(schema, 'optional')}
        </article>`,
    )}
  </section>`;

type Link = { path: string; label: string };

/** What a page of the documentation consists of. */
export type Parts = {
  title: string;
  /** What can be found on it, in the plural. */
  things: string;
  download: Link;
  /** The other page. */
  other: Link;
  navigation: Html;
  main: Html;
};

/** The threads of the brand's mark, as the pages' header draws them. */
const MARK =
  'M11.5 6v11.2M11.5 23.8V26M20.5 6v2.2M20.5 14.8V26M6 11.5h2.2M14.8 11.5H26M6 20.5h11.2M23.8 20.5H26';

const headerView = ({ download, other }: Parts): Html =>
  html`<a class="skip" href="#main">Skip to the content</a>
    <header>
      <a class="brand" href="/" aria-label="Payloom, to the start page">
        <svg viewBox="0 0 32 32" width="28" height="28" aria-hidden="true" focusable="false">
          <rect width="32" height="32" rx="8" />
          <path d="${MARK}" />
        </svg>
        <span>Payloom</span>
      </a>
      <div class="links">
        <a class="download" href="${other.path}">${other.label}</a>
        <a class="download" href="${download.path}">${download.label}</a>
      </div>
    </header>`;

/** A page of the documentation: header, contents with a search, and the text. */
export const frameOf = (parts: Parts): string =>
  html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>${parts.title} · Payloom</title>
        <link rel="icon" href="/favicon.svg" type="image/svg+xml" />
        <link rel="stylesheet" href="/api/docs/docs.css" />
        <script src="/api/docs/theme.js"></script>
        <script src="/api/docs/docs.js" defer></script>
      </head>
      <body>
        ${headerView(parts)}
        <div class="layout">
          <div class="side">
            <search class="find" hidden>
              <label for="find">Find ${parts.things}</label>
              <input
                id="find"
                data-things="${parts.things}"
                class="ui-control"
                type="search"
                autocomplete="off"
                spellcheck="false"
              />
              <div class="result">
                <p id="found" role="status"></p>
                <button id="clear" type="button" hidden>Clear</button>
              </div>
            </search>
            <details class="contents" open>
              <summary>Contents</summary>
              ${parts.navigation}
            </details>
          </div>
          ${parts.main}
        </div>
      </body>
    </html>`.markup;
