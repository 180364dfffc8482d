import { defineConfig, devices } from '@playwright/test';
import { atScale } from '#lib/testing/scale.ts';
import '../scripts/faster-imports.mjs';

const executablePath = process.env.STAGEDOOR_BROWSER;

/** Specs that start workers with services of their own. */
const OWN_SERVICES =
  /(expiry-settings|first-start|required-mfa|single-sign-on|single-sign-on-hostile|text-message-limits|unlink-sso-account)\.spec\.ts$/;

export default defineConfig({
  testDir: '.',
  outputDir: '../test-results',
  globalSetup: './fixtures/global-setup.ts',
  tsconfig: './tsconfig.playwright.json',
  fullyParallel: true,
  workers: 2,
  // A test that passes only when retried has found a race.
  retries: 0,
  // Tests with the tag @soak show again, in another form, what others show: see docs/testing.md.
  grepInvert: atScale<RegExp[]>({ normal: [/@soak/], soak: [] }),
  forbidOnly: true,
  timeout: atScale({ normal: 60_000, soak: 300_000 }),
  expect: { timeout: 10_000 },
  use: {
    ...devices['Desktop Chrome'],
    launchOptions: {
      ...(executablePath ? { executablePath } : {}),
      chromiumSandbox: false,
      // Chromium would emulate a GPU, draw with more threads than there are cores, and start a process for the GPU and
      // a spare one for each context. Without them the tests take less CPU time.
      args: [
        '--disable-gpu',
        '--num-raster-threads=1',
        '--in-process-gpu',
        '--disable-site-isolation-trials',
      ],
    },
    // Without reduced motion, drawing transitions takes a tenth of the time of a run.
    contextOptions: { reducedMotion: atScale({ normal: 'reduce', soak: 'no-preference' }) },
    permissions: ['clipboard-read', 'clipboard-write'],
    locale: 'en-GB',
    timezoneId: 'Asia/Kathmandu',
    screenshot: 'only-on-failure',
  },
  // Specs with their own services first: if one started last, the other worker would idle until it has ended. Playwright
  // runs all others in the same two workers.
  projects: [
    { name: 'own services', testMatch: OWN_SERVICES },
    { name: 'shared services', testIgnore: OWN_SERVICES },
  ],
});
