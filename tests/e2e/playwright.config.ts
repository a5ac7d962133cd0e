import { defineConfig } from '@playwright/test';
import { findChromium } from '../../scripts/chromium.mjs';
import { CHROMIUM_FLAGS } from './chromium-flags.ts';

// Two workers: more browsers beside a database and all services would not be punctual on two cores.
export default defineConfig({
  testDir: '.',
  testMatch: '*.spec.ts',
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
    launchOptions: { executablePath: findChromium() ?? undefined, args: [...CHROMIUM_FLAGS] },
    locale: 'en-GB',
    timezoneId: 'Europe/Berlin',
    viewport: { width: 1280, height: 900 },
    reducedMotion: 'reduce',
    // A trace of each story takes a quarter of the time.
    trace: process.env['E2E_SHORT'] ? 'off' : 'retain-on-failure',
    actionTimeout: 10_000,
    navigationTimeout: 15_000,
  },
});
