import { runService } from '#lib/platform/service.ts';
import { startWorker } from '#lib/worker/run.ts';

await runService(async ({ databaseUrl }) => {
  const worker = await startWorker({ databaseUrl });
  return () => worker.stop();
});
