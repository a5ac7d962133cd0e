import { defineConfig } from '@playwright/test';
import { turnOfCommit } from '../faults/turn.ts';
import { CHROMIUM } from '../system/chromium.ts';

/** Specs of details. `npm test` runs one of these groups by turns; `npm run e2e` runs all. */
const BY_TURNS = [
  [
    'amounts',
    'api-docs',
    'audit',
    'dates',
    'experience',
    'filters',
    'large-amounts',
    'loading',
    'palette',
    'service-worker',
    'system',
    'users',
  ],
  [
    'approvals',
    'layout-shifts',
    'leave',
    'long-name',
    'measuring',
    'print',
    'remotes-heal',
    'reports',
    'settings',
  ],
  [
    'app-manifest',
    'back-forward',
    'configuration',
    'narrow',
    'offline',
    'profile',
    'reader-settings',
    'set-password',
    'settings-devices',
  ],
];
const { turn } = turnOfCommit(BY_TURNS.length);
const leftOut = process.env['E2E_SHORT'] ? BY_TURNS.filter((_group, at) => at !== turn).flat() : [];

// Two workers: with more, two cores do not serve the pages within the limits below.
export default defineConfig({
  testDir: '.',
  testMatch: '*.spec.ts',
  testIgnore: leftOut.map((name) => `${name}.spec.ts`),
  outputDir: '../../test-results/e2e',
  globalSetup: './global-setup.ts',
  globalTimeout: 12 * 60_000,
  timeout: 60_000,
  expect: { timeout: 10_000 },
  fullyParallel: true,
  forbidOnly: true,
  retries: 0,
  workers: 2,
  reporter: [['list'], ['json', { outputFile: '../../test-results/e2e.json' }]],
  use: {
    browserName: 'chromium',
    launchOptions: CHROMIUM,
    locale: 'en-GB',
    timezoneId: 'Europe/Berlin',
    viewport: { width: 1280, height: 900 },
    reducedMotion: 'reduce',
    // Pages ask the server, whose answers specs replace; service-worker.spec.ts lets them register one.
    serviceWorkers: 'block',
    // Recording a trace of each test takes a quarter of the time.
    trace: process.env['E2E_SHORT'] ? 'off' : 'retain-on-failure',
    actionTimeout: 10_000,
    navigationTimeout: 15_000,
  },
});
