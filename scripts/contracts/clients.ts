import { execFileSync, spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../steps.ts';
import { installApart } from './packages.ts';
import { GRAPHQL, PYTHON, TYPESCRIPT, WRONG_TYPESCRIPT } from './programs.ts';

const PACKAGES = { 'openapi-typescript': '7.13.0', 'openapi-fetch': '0.17.0', quicktype: '26.0.0' };
/** GraphQL's clients have another version of graphql than ours. */
const GRAPHQL_PACKAGES = {
  '@apollo/client': '4.3.8',
  '@urql/core': '6.0.3',
  graphql: '16.15.0',
  'graphql-sse': '2.6.1',
  'graphql-ws': '6.4.2',
  rxjs: '7.8.2',
};
const PYTHON_SCHEMAS = ['AuthTokensRequest', 'SignInTokens', 'PaymentsCreateRequest', 'Payment'];
const INSTANCE = 'http://localhost:3000';

/** What keeps the command from its work, in the words of who runs it. */
export class ClientsFailed extends Error {
  override readonly name = 'ClientsFailed';
}

type Document = { components: { schemas: Record<string, unknown> } };

const readDocument = async (url: string): Promise<Document> => {
  const reply = await fetch(`${url}/api/openapi.json`).catch(() => null);
  if (!reply?.ok) throw new ClientsFailed(`Nothing answers at ${url}: start Payloom, or name its address`);
  return (await reply.json()) as Document;
};

/** Runs programs in one folder; what they print is returned. */
const runnerIn = (folder: string) => {
  const run = (program: string, ...args: string[]): string => {
    const { status, stdout, stderr, error } = spawnSync(program, args, { cwd: folder, encoding: 'utf8' });
    if (status !== 0)
      throw new ClientsFailed(`${program} ${args[0] ?? ''}: ${error?.message ?? stdout + stderr}`);
    return stdout.trim();
  };
  return { run, node: (...args: string[]) => run(process.execPath, ...args) };
};

/** Compiles a file to JavaScript beside it. @returns whether its types are right */
const compile = (folder: string, file: string): boolean => {
  const types = ['--typeRoots', join(root, 'node_modules/@types'), '--types', 'node'];
  const strict = ['--strict', '--noEmitOnError', '--module', 'nodenext', '--target', 'es2023'];
  const tsc = join(root, 'node_modules/typescript/bin/tsc');
  try {
    execFileSync(process.execPath, [tsc, ...strict, ...types, file], { cwd: folder, stdio: 'pipe' });
    return true;
  } catch {
    return false;
  }
};

const payInTypeScript = (folder: string, url: string): void => {
  const { node } = runnerIn(folder);
  node('node_modules/openapi-typescript/bin/cli.js', 'openapi.json', '-o', 'schema.d.ts');
  writeFileSync(join(folder, 'pay.ts'), TYPESCRIPT);
  writeFileSync(join(folder, 'wrong.ts'), WRONG_TYPESCRIPT);
  if (!compile(folder, 'pay.ts')) throw new ClientsFailed('The program in TypeScript does not compile');
  if (compile(folder, 'wrong.ts')) throw new ClientsFailed('A program with a wrong currency compiles');
  // Node does not strip types of files below node_modules.
  console.log(`TypeScript (openapi-typescript) compiled and paid: ${node('pay.js', url)}`);
};

const payInPython = (folder: string, url: string, { components }: Document): void => {
  const { run, node } = runnerIn(folder);
  if (spawnSync('python3', ['-c', 'import dateutil']).status !== 0)
    throw new ClientsFailed('Python is missing: apt-get install python3 python3-dateutil');
  const definitions = JSON.stringify(components.schemas).replaceAll(
    '#/components/schemas/',
    '#/definitions/',
  );
  const properties = Object.fromEntries(
    PYTHON_SCHEMAS.map((name) => [name, { $ref: `#/definitions/${name}` }]),
  );
  const schema = { definitions: JSON.parse(definitions) as object, type: 'object', properties };
  writeFileSync(join(folder, 'schemas.json'), JSON.stringify(schema));
  const options = ['--src-lang', 'schema', '--lang', 'python', '--top-level', 'Api', '--out', 'api.py'];
  node('node_modules/quicktype/dist/index.js', ...options, 'schemas.json');
  writeFileSync(join(folder, 'pay.py'), PYTHON);
  run('python3', '-m', 'py_compile', 'api.py', 'pay.py');
  console.log(`Python (quicktype) compiled and paid: ${run('python3', 'pay.py', url)}`);
};

const payOverGraphql = (url: string): void => {
  const folder = installApart('graphql-clients', GRAPHQL_PACKAGES);
  writeFileSync(join(folder, 'pay.js'), GRAPHQL);
  const paid = runnerIn(folder).node('pay.js', url);
  console.log(`GraphQL (urql, Apollo Client, graphql-sse, graphql-ws) paid and followed: ${paid}`);
};

/**
 * Makes types of an instance's OpenAPI document in two languages, compiles a program with each, and pays with
 * both from the demo account; then pays with clients of GraphQL, and follows the payment with them.
 * @throws ClientsFailed when one of them fails
 */
export const payWithClients = async (url = INSTANCE): Promise<void> => {
  const document = await readDocument(url);
  const folder = installApart('clients', PACKAGES);
  writeFileSync(join(folder, 'openapi.json'), JSON.stringify(document));
  payInTypeScript(folder, url);
  payInPython(folder, url, document);
  payOverGraphql(url);
};
