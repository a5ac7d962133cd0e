import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import { readFile } from 'node:fs/promises';
import type { Respond } from '../http/respond.ts';
import type { Exchange, Serve } from '../http/exchange.ts';

const FOLDER = dirname(createRequire(import.meta.url).resolve('swagger-ui-dist/package.json'));

const PAGE = `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <title>Payloom API</title>
    <link rel="icon" href="/api/docs/favicon-32x32.png" />
    <link rel="stylesheet" href="/api/docs/swagger-ui.css" />
  </head>
  <body>
    <main id="viewer"></main>
    <script src="/api/docs/swagger-ui-bundle.js"></script>
    <script src="/api/docs/start.js"></script>
  </body>
</html>
`;

const START = `SwaggerUIBundle({
  url: '/api/openapi.json',
  dom_id: '#viewer',
  deepLinking: true,
  validatorUrl: null,
  defaultModelsExpandDepth: 0,
});
`;

const TYPES: Readonly<Record<string, string>> = {
  'swagger-ui.css': 'text/css; charset=utf-8',
  'swagger-ui-bundle.js': 'text/javascript; charset=utf-8',
  'favicon-32x32.png': 'image/png',
};

/** The interactive page at /api/docs; all its files are served from this origin. */
export const serveViewer = (respond: Respond): Readonly<Record<string, Serve>> => {
  const fixed =
    (type: string, body: string): Serve =>
    ({ response, requestId }) =>
      respond.bytes(response, requestId, 200, type, body);
  const file =
    (name: string): Serve =>
    ({ response, requestId }: Exchange) => {
      readFile(`${FOLDER}/${name}`).then(
        (body) => respond.bytes(response, requestId, 200, TYPES[name] as string, body),
        (error: unknown) => respond.problem(response, requestId, error),
      );
    };
  return {
    '/api/docs': fixed('text/html; charset=utf-8', PAGE),
    '/api/docs/start.js': fixed('text/javascript; charset=utf-8', START),
    ...Object.fromEntries(Object.keys(TYPES).map((name) => [`/api/docs/${name}`, file(name)])),
  };
};
