import { startWorker } from '#lib/worker/run.ts';
import { runPart } from './part.ts';

await runPart(async ({ databaseUrl }) => {
  const worker = await startWorker({ databaseUrl });
  return () => worker.stop();
});
