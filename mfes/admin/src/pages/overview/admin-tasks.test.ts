import { readdirSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { CONTRACTS } from '../../../../../shared/contracts/all.ts';
import type { Action } from '../../../../../shared/contracts/contract.ts';
import { API_TASKS } from './admin-tasks.ts';

const SOURCES = resolve(import.meta.dirname, '../../../..');
const source = readdirSync(SOURCES, { recursive: true, encoding: 'utf8' })
  .filter((path) => /(?<!\.test)\.(?:ts|svelte)$/.test(path) && !path.endsWith('admin-tasks.ts'))
  .map((path) => readFileSync(resolve(SOURCES, path), 'utf8'))
  .join('\n');

it('each route that only administrators may use is used by a page, or named by the overview', () => {
  const missing = CONTRACTS.flatMap(({ actions }) =>
    (Object.entries(actions) as [string, Action][]).flatMap(([key, { name, permission, http }]) => {
      const isOfAdmins = Array.isArray(permission) && permission.every((role) => role === 'ADMIN');
      const isUsed = new RegExp(`\\b${name.split('.')[0]}\\.actions\\.${key}\\b`).test(source);
      return http && isOfAdmins && !isUsed ? [http.route] : [];
    }),
  );
  expect(API_TASKS.flatMap(({ lines }) => lines).sort()).toEqual(missing.sort());
});
