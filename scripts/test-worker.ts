import { runService } from '#lib/platform/service.ts';
import { startWorker } from '#lib/worker/run.ts';
import type { WorkerTiming } from '#lib/worker/timing.ts';

// The program of scripts/worker.ts, with the limits and intervals that a test passes in TEST_WORKER_TIMING.
const { TEST_WORKER_TIMING: given } = process.env;
const timing: WorkerTiming | undefined = given ? JSON.parse(given) : undefined;

await runService(async ({ databaseUrl }) => {
  const worker = await startWorker({ databaseUrl, timing });
  return () => worker.stop();
});
