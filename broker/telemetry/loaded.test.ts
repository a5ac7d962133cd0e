import { execFileSync } from 'node:child_process';
import { join } from 'node:path';

/** The modules that are loaded with a file. */
const loadedBy = (file: string): string =>
  execFileSync(process.execPath, ['--input-type=module', '--eval', PROGRAM(file)], {
    encoding: 'utf8',
    env: { PATH: '', NODE_NO_WARNINGS: '1' },
  });
const PROGRAM = (file: string): string => `
  import { registerHooks } from 'node:module';
  const urls = [];
  registerHooks({ load: (url, context, next) => (urls.push(url), next(url, context)) });
  await import(${JSON.stringify(join(import.meta.dirname, file))});
  console.log(urls.join('\\n'));
  process.exit(0);`;

it('only what exports spans loads OpenTelemetry', () => {
  expect(loadedBy('opentelemetry.ts')).toContain('@opentelemetry/sdk-node');
  const other = loadedBy('../process/run.ts');
  expect(other).toContain('telemetry/tracing.ts');
  // prom-client requires the interface, for exemplars.
  expect(other).not.toMatch(/@opentelemetry\/(?!api\/)/);
});
