import cluster from 'node:cluster';
import { runService } from '#lib/platform/service.ts';
import { startVerifier } from '#lib/verifier/server.ts';
import { WorkerPool } from '#lib/verifier/worker-pool.ts';

await runService(async ({ verifierPort: port, verifierWorkers, ...settings }) => {
  if (verifierWorkers > 1 && cluster.isPrimary) {
    const pool = await WorkerPool.start(verifierWorkers);
    return () => pool.stop();
  }
  const verifier = await startVerifier({ ...settings, port, isPoolWorker: cluster.isWorker });
  return () => verifier.close();
});
