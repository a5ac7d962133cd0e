// Checks the API document with Spectral's recommended rules. Its packages (50 MB) are installed in a folder
// of their own, as only this command needs them. Tests of services/gateway/openapi apply Redocly's rules.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { openApiDocument } from '../services/gateway/openapi/document.ts';
import { CONTRACTS } from '../shared/contracts/all.ts';
import { root } from './steps.ts';

const PACKAGES = { '@stoplight/spectral-core': '1.24.1', '@stoplight/spectral-rulesets': '1.23.1' };
const folder = join(root, 'node_modules/.cache/spectral');
const manifest = join(folder, 'package.json');

type Finding = { code: string; message: string; path: (string | number)[] };
type Core = {
  Spectral: new () => { setRuleset(ruleset: object): void; run(text: string): Promise<Finding[]> };
};
type Rulesets = { oas: object };

const installed = () =>
  Object.keys(PACKAGES).every((name) => existsSync(join(folder, 'node_modules', name, 'package.json')));

if (!installed()) {
  mkdirSync(folder, { recursive: true });
  writeFileSync(manifest, JSON.stringify({ private: true, dependencies: PACKAGES }));
  execFileSync('npm', ['install', '--ignore-scripts', '--no-audit', '--no-fund'], {
    cwd: folder,
    stdio: 'inherit',
  });
}
const load = createRequire(manifest);
const { Spectral } = load('@stoplight/spectral-core') as Core;
const { oas } = load('@stoplight/spectral-rulesets') as Rulesets;

const spectral = new Spectral();
spectral.setRuleset({ extends: [[oas, 'recommended']] });
const cookies = { access: '__Host-payloom_access', refresh: '__Secure-payloom_refresh', device: '' };
const document = openApiDocument(CONTRACTS, { publicUrl: 'https://pay.test', cookies });
const findings = await spectral.run(JSON.stringify(document));
for (const { code, message, path } of findings) console.log(`${code}: ${message} (${path.join('/')})`);
console.log(`Spectral: ${findings.length} findings`);
if (findings.length > 0) process.exitCode = 1;
