import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { RemoteDescription } from '../../shared/client/remote-files.ts';
import { integrityOf } from '../../mfes/manifest.ts';

/** Writes a version of a remote into a web folder: four files whose content names the version. */
export const placeVersion = (root: string, name: string, version: string, contract = 2): void => {
  const folder = join(root, 'mfes', name, version);
  mkdirSync(folder, { recursive: true });
  const made = (file: string) => {
    const content = `${file} of ${version}`;
    writeFileSync(join(folder, file), content);
    return { href: `/mfes/${name}/${version}/${file}`, integrity: integrityOf(content) };
  };
  const { href: entry, integrity } = made('remoteEntry.js');
  const files = { modules: [made('mount.js')], styles: [made('style.css')], further: [made('Page.js')] };
  const native = { svelte: '5.0.0', entry, integrity, modules: [], pages: [] };
  const description: RemoteDescription = { version, contract, entry, integrity, ...files, native };
  writeFileSync(join(folder, 'remote.json'), JSON.stringify(description));
};
