import { createRequire } from 'node:module';
import { join } from 'node:path';
import { asyncApiDocument } from '../../services/gateway/documents/asyncapi/document.ts';
import { openApiDocument } from '../../services/gateway/documents/openapi.ts';
import { CONTRACTS } from '../../shared/contracts/all.ts';
import { installApart } from './packages.ts';

/** 50 MB that only this command needs. */
const PACKAGES = {
  '@asyncapi/parser': '3.6.6',
  '@stoplight/spectral-core': '1.24.1',
  '@stoplight/spectral-rulesets': '1.23.1',
};
type Finding = { code: string | number; message: string; path: (string | number)[] };
type Core = {
  Spectral: new () => { setRuleset(ruleset: object): void; run(text: string): Promise<Finding[]> };
};
type Rulesets = { oas: object };
type AsyncApi = { Parser: new () => { parse(text: string): Promise<{ diagnostics: Finding[] }> } };

const PUBLIC_URL = 'https://pay.test';

const checkOpenApi = (load: NodeJS.Require): Promise<Finding[]> => {
  const { Spectral } = load('@stoplight/spectral-core') as Core;
  const { oas } = load('@stoplight/spectral-rulesets') as Rulesets;
  const spectral = new Spectral();
  spectral.setRuleset({ extends: [[oas, 'recommended']] });
  const cookies = { access: '__Host-payloom_access', refresh: '__Secure-payloom_refresh', device: '' };
  const document = openApiDocument(CONTRACTS, { publicUrl: PUBLIC_URL, cookies });
  return spectral.run(JSON.stringify(document));
};

const checkAsyncApi = async (load: NodeJS.Require): Promise<Finding[]> => {
  const { Parser } = load('@asyncapi/parser') as AsyncApi;
  const document = asyncApiDocument(CONTRACTS, { publicUrl: PUBLIC_URL });
  return (await new Parser().parse(JSON.stringify(document))).diagnostics;
};

/**
 * Checks the OpenAPI document with Spectral's recommended rules, and the AsyncAPI document with its official
 * parser.
 * @returns whether they find nothing
 */
export const check = async (): Promise<boolean> => {
  const load = createRequire(join(installApart('documents', PACKAGES), 'package.json'));
  const results = [
    ['OpenAPI, Spectral', await checkOpenApi(load)],
    ['AsyncAPI, its parser', await checkAsyncApi(load)],
  ] as const;
  for (const [name, findings] of results) {
    for (const { code, message, path } of findings) console.log(`${code}: ${message} (${path.join('/')})`);
    console.log(`${name}: ${findings.length} findings`);
  }
  return results.every(([, findings]) => findings.length === 0);
};
