import { runService } from '#lib/platform/service.ts';
import { startWorker } from '#lib/worker/run.ts';
import type { WorkerTiming } from '#lib/worker/timing.ts';

// The same program as scripts/worker.ts, with the timeouts and intervals that a test passes in TEST_WORKER_TIMING.
const { TEST_WORKER_TIMING } = process.env;
const timing: WorkerTiming | undefined = TEST_WORKER_TIMING ? JSON.parse(TEST_WORKER_TIMING) : undefined;

await runService(async ({ databaseUrl }) => {
  const worker = await startWorker({ databaseUrl, timing });
  return () => worker.stop();
});
