import { defineConfig } from 'vitest/config';

// An odd zone: code that takes the machine's time zone for the user's, or for UTC, is found out.
process.env.TZ = 'Asia/Kathmandu';

export default defineConfig({
  test: {
    include: ['{app,bench,components,db,docs,lib,scripts}/**/*.test.{ts,tsx}'],
    globalSetup: 'scripts/test-cluster.ts',
    setupFiles: 'scripts/test-setup.ts',
    pool: 'forks',
    // Each fork's tests wait on PostgreSQL much of their time, so a few more than two cores hold.
    maxWorkers: 3,
    testTimeout: 20_000,
    hookTimeout: 30_000,
    env: {
      STAGEDOOR_EMBEDDED: '1',
      STAGEDOOR_DATA: '/nonexistent/stagedoor-test',
      DATABASE_URL: 'postgresql://nobody@127.0.0.1:1/none',
      AUTH_SECRET: 'only-for-tests-only-for-tests-only-for-tests',
    },
    restoreMocks: true,
    unstubEnvs: true,
  },
});
