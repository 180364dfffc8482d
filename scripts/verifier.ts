import { startVerifier } from '#lib/verifier/server.ts';
import { runPart } from './part.ts';

await runPart(async ({ verifierPort: port, ...settings }) => {
  const verifier = await startVerifier({ ...settings, port });
  return () => verifier.close();
});
