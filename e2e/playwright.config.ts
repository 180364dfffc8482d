import { defineConfig, devices } from '@playwright/test';
import { atScale } from '#lib/testing/scale.ts';

const executablePath = process.env.STAGEDOOR_BROWSER;

/** Specs that start services with their own settings. */
const WITH_OWN_SERVICES =
  /(browsers|first-start|local-auth-disabled|outbox-access|required-mfa|single-sign-on|single-sign-on-hostile|text-messages|unlink-sso-account)\.spec\.ts$/;

export default defineConfig({
  testDir: '.',
  outputDir: '../test-results',
  globalSetup: './fixtures/global-setup.ts',
  fullyParallel: true,
  workers: 2,
  // A test that passes only when retried has found a race.
  retries: 0,
  forbidOnly: true,
  timeout: atScale({ normal: 60_000, soak: 300_000 }),
  expect: { timeout: 10_000 },
  use: {
    ...devices['Desktop Chrome'],
    launchOptions: {
      ...(executablePath ? { executablePath } : {}),
      chromiumSandbox: false,
      // Faster without a GPU: Chromium would emulate one, and would use more raster threads than there are cores.
      args: ['--disable-gpu', '--num-raster-threads=1'],
    },
    // Without reduced motion, drawing transitions takes a tenth of the time of a run.
    contextOptions: { reducedMotion: atScale({ normal: 'reduce', soak: 'no-preference' }) },
    permissions: ['clipboard-read', 'clipboard-write'],
    locale: 'en-GB',
    timezoneId: 'Asia/Kathmandu',
    screenshot: 'only-on-failure',
  },
  // Longest first: a file whose tests share services runs in one worker, so the other worker would idle at the end.
  projects: [
    { name: 'own services', testMatch: WITH_OWN_SERVICES },
    { name: 'shared services', testIgnore: WITH_OWN_SERVICES },
  ],
});
