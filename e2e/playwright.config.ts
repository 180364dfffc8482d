import { defineConfig, devices } from '@playwright/test';
import { atScale } from '#lib/testing/scale.ts';

const executablePath = process.env.STAGEDOOR_BROWSER;

/** These start services with settings of their own. */
const WITH_OWN_SERVICES =
  /(browsers|first-start|forget-single-sign-on|outbox-access|passwords-off|required-factor|single-sign-on|single-sign-on-hostile|text-messages)\.spec\.ts$/;

export default defineConfig({
  testDir: '.',
  outputDir: '../test-results',
  globalSetup: './fixtures/global-setup.ts',
  fullyParallel: true,
  workers: 2,
  // A test that passes at the second attempt has found a race.
  retries: 0,
  forbidOnly: true,
  timeout: atScale({ normal: 60_000, soak: 300_000 }),
  expect: { timeout: 10_000 },
  use: {
    ...devices['Desktop Chrome'],
    launchOptions: {
      ...(executablePath ? { executablePath } : {}),
      chromiumSandbox: false,
      // A GPU would be emulated in software, which is slower than none.
      args: ['--disable-gpu'],
    },
    permissions: ['clipboard-read', 'clipboard-write'],
    locale: 'en-GB',
    timezoneId: 'Asia/Kathmandu',
    screenshot: 'only-on-failure',
  },
  // The longest groups first: a file whose tests share services runs in one worker, and the other one would idle.
  projects: [
    { name: 'own services', testMatch: WITH_OWN_SERVICES },
    { name: 'shared services', testIgnore: WITH_OWN_SERVICES },
  ],
});
