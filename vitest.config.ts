import { availableParallelism } from 'node:os';
import path from 'node:path';
import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';
import { atScale } from './lib/testing/scale.ts';

// An unusual time zone reveals code that confuses the machine's time zone with the browser's or with UTC.
process.env.TZ = 'Asia/Kathmandu';

const ALL_TESTS = '{app,bench,cli,clients,components,db,docs,lib,scripts}/**/*.test.{ts,tsx}';
const DATABASE_TESTS = '**/*.database.test.ts';
const PROCESS_TESTS = '**/*.process.test.ts';
/** Process tests that run only with `npm run test:soak`. */
const SOAK_TESTS = '**/*.soak.test.ts';

/** Files run in forks that keep the loaded packages: loading them for each file took a third of the time. */
const SHARED_FORKS = {
  pool: 'forks' as const,
  isolate: false,
  setupFiles: ['scripts/isolate-test-files.ts'],
};

/** Runs the slowest files first: those that start processes, then those that use the database. */
class SlowestFirstSequencer extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const order = ['process', 'database', 'unit'];
    const getRank = ({ project }: TestSpecification) => order.indexOf(project.name);
    return (await super.sort(files)).toSorted((a, b) => getRank(a) - getRank(b));
  }
}

// Vitest's workers, and the processes that tests start, cache the compiled code of packages here.
process.env.NODE_COMPILE_CACHE ??= path.join(import.meta.dirname, 'node_modules/.cache/node');

export default defineConfig({
  test: {
    // Applies to all projects, because Vitest runs them concurrently only if they have the same number of workers. Tests
    // often wait for PostgreSQL and processes, so even two cores can run three workers.
    maxWorkers: Math.max(3, availableParallelism()),
    sequence: { sequencer: SlowestFirstSequencer, setupFiles: 'list' },
    // On a busy machine, tests take several times as long as usual; at full size, some have thousands of cases.
    testTimeout: atScale({ normal: 120_000, soak: 3_600_000 }),
    hookTimeout: 300_000,
    // A busy machine exceeds Vitest's default of one second.
    expect: { poll: { timeout: 10_000, interval: 20 } },
    // Failures name the values, which by default are shortened to "Object (status, headers, ...)".
    chaiConfig: { truncateThreshold: 500 },
    env: {
      // The folder and the database do not exist, so a test that does not use its own fails.
      STAGEDOOR_EMBEDDED: '1',
      STAGEDOOR_DATA: '/missing/stagedoor-test',
      DATABASE_URL: 'postgresql://nobody@127.0.0.1:1/none',
      AUTH_SECRET: 'only-for-tests-only-for-tests-only-for-tests',
    },
    restoreMocks: true,
    unstubEnvs: true,
    setupFiles: 'lib/testing/vitest-setup.ts',
    projects: [
      {
        // Unit tests need no database and no other process, so files share threads and loaded modules.
        extends: true,
        test: {
          name: 'unit',
          include: [ALL_TESTS],
          exclude: [DATABASE_TESTS, PROCESS_TESTS, SOAK_TESTS, '**/node_modules/**'],
          pool: 'threads',
          isolate: false,
        },
      },
      {
        // Each test file clones its own database.
        extends: true,
        test: {
          name: 'database',
          include: [DATABASE_TESTS],
          globalSetup: 'scripts/test-cluster.ts',
          ...SHARED_FORKS,
        },
      },
      {
        // These tests start real processes.
        extends: true,
        test: {
          name: 'process',
          include: atScale({ normal: [PROCESS_TESTS], soak: [PROCESS_TESTS, SOAK_TESTS] }),
          globalSetup: ['scripts/test-cluster.ts', 'scripts/build-test-programs.ts'],
          ...SHARED_FORKS,
        },
      },
    ],
  },
});
