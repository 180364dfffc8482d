import { startVerifier } from '#lib/verifier/server.ts';
import { runService } from './service.ts';

await runService(async ({ verifierPort: port, ...settings }) => {
  const verifier = await startVerifier({ ...settings, port });
  return () => verifier.close();
});
