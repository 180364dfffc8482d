import { expect, it } from 'vitest';

it('keeps Zod from compiling code in the browser', async () => {
  await import('../instrumentation-client.ts');
  // Zod reads the variable when it is loaded.
  const { globalConfig } = await import('zod/v4/core');
  expect(globalConfig).toMatchObject({ jitless: true });
});
