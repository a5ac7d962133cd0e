import { resolve } from 'node:path';
import { runtimeChunk } from './svelte-runtime.ts';

type ModuleInfo = { importedIds: readonly string[] };
type Modules = { getModuleInfo(id: string): ModuleInfo | null };

/** All that a module imports, and what that imports, but for what is loaded when it is needed. */
const staticImports = (entry: string, { getModuleInfo }: Modules): Set<string> => {
  const seen = new Set<string>();
  const queue = [entry];
  for (let id = queue.pop(); id !== undefined; id = queue.pop()) {
    if (seen.has(id)) continue;
    seen.add(id);
    queue.push(...(getModuleInfo(id)?.importedIds ?? []));
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
    const isOurs = first.has(id) && !/node_modules\/|__federation|\0/.test(id);
    return runtimeChunk(id) ?? (isOurs ? 'index' : undefined);
  };
};
