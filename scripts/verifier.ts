import { runService } from '#lib/platform/service.ts';
import { startVerifier } from '#lib/verifier/server.ts';

await runService(async ({ verifierPort: port, ...settings }) => {
  const verifier = await startVerifier({ ...settings, port });
  return () => verifier.close();
});
