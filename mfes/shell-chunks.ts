import { resolve } from 'node:path';
import { runtimeChunk } from './svelte-runtime.ts';

type ModuleInfo = { importedIds: readonly string[] };
export type Modules = { getModuleInfo(id: string): ModuleInfo | null };

/**
 * Whether a module is of zod, or a contract with schemas. Most pages leave out most of these, so only the
 * bundler knows where they are needed.
 */
const hasSchemas = (id: string, modules: Modules): boolean =>
  id.includes('/node_modules/zod/') ||
  (/\/shared\/contracts\/[\w/-]+\.ts$/.test(id) &&
    (modules.getModuleInfo(id)?.importedIds ?? []).some((one) => hasSchemas(one, modules)));

/** All that a module imports, and what that imports, but for schemas and what is loaded when it is needed. */
export const staticImports = (entry: string, modules: Modules): Set<string> => {
  const seen = new Set<string>();
  const queue = [entry];
  for (let id = queue.pop(); id !== undefined; id = queue.pop()) {
    if (seen.has(id) || hasSchemas(id, modules)) continue;
    seen.add(id);
    queue.push(...(modules.getModuleInfo(id)?.importedIds ?? []));
  }
  return seen;
};

/**
 * The shell in few files: Svelte's runtime, and all that its first page needs. Left to itself the bundler
 * makes a file of whatever a later part shares with the first one, half a dozen round trips and less to
 * compress.
 */
export const shellChunks = (shellDir: string) => {
  const main = resolve(shellDir, 'src/main.ts');
  let first: Set<string> | undefined;
  return (id: string, modules: Modules): string | undefined => {
    first ??= staticImports(main, modules);
    const isOurs = first.has(id) && !/node_modules\/|\0(?!vite\/preload)/.test(id);
    return runtimeChunk(id) ?? (isOurs ? 'index' : undefined);
  };
};
