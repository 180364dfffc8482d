import { startWorker } from '#lib/worker/run.ts';
import { runService } from './service.ts';

await runService(async ({ databaseUrl }) => {
  const worker = await startWorker({ databaseUrl });
  return () => worker.stop();
});
