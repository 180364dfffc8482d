import { testGateway } from '../testing/gateway-tests.ts';
import { startNodeServer } from '../testing/run-program.ts';

testGateway((verifierPort) => startNodeServer('hono/server.ts', verifierPort), {
  isProxy: false,
  knowsClientIpAddress: true,
});
