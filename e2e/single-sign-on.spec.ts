import { rm } from 'node:fs/promises';
import { freePort } from '../scripts/ports.mjs';
import { FIRST_ADMINISTRATOR } from './fixtures/global-setup.ts';
import {
  CLIENT,
  type OpenidProvider,
  signInAtProvider,
  startOpenidProvider,
} from './fixtures/openid-provider.ts';
import { startStagedoor } from './fixtures/stagedoor.ts';
import { test as base, expect, type Where } from './fixtures/test.ts';

const test = base.extend<
  object,
  { where: Where; provider: OpenidProvider; both: { where: Where; provider: OpenidProvider } }
>({
  both: [
    // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the names of the fixtures from it
    async ({}, use) => {
      const port = await freePort();
      const stagedoor = await startStagedoor({
        FIRST_ADMIN_EMAIL: FIRST_ADMINISTRATOR.email,
        FIRST_ADMIN_PASSWORD: FIRST_ADMINISTRATOR.password,
        TRUSTED_PROXIES: '1',
        OIDC_ISSUER: `http://localhost:${port}`,
        OIDC_CLIENT_ID: CLIENT.id,
        OIDC_CLIENT_SECRET: CLIENT.secret,
        OIDC_NAME: 'Northwind',
        OIDC_ROLE_CLAIM: 'roles',
        OIDC_ADMINISTRATORS: 'api-admins',
        OIDC_VIEWERS: 'api-viewers, staff',
      });
      const provider = await startOpenidProvider(port, `${stagedoor.webUrl}/api/auth/callback/oidc`);
      await use({ where: stagedoor, provider });
      await provider.stop();
      expect(await stagedoor.stop()).toBe(0);
      expect(stagedoor.errorLines()).toEqual([]);
      await rm(stagedoor.dataFolder, { recursive: true, force: true });
    },
    { scope: 'worker', timeout: 300_000 },
  ],
  where: [async ({ both }, use) => use(both.where), { scope: 'worker' }],
  provider: [async ({ both }, use) => use(both.provider), { scope: 'worker' }],
});

test('somebody new whose claim gives a role is let in, and where to is kept', async ({
  openPage,
  provider,
}) => {
  provider.people.set('grace', {
    email: 'grace@example.org',
    email_verified: true,
    name: 'Grace Hopper',
    roles: ['staff', 'api-admins'],
  });
  const page = await openPage();
  await page.goto('/settings/users');
  await page.getByRole('button', { name: 'Continue with Northwind' }).click();
  await signInAtProvider(page, 'grace');
  await expect(page).toHaveURL(/\/settings\/users$/);
  await expect(page.getByRole('row', { name: /Grace Hopper/ })).toContainText('Settings Administrator');
});
