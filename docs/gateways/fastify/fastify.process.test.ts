import { testGateway } from '../testing/gateway-tests.ts';
import { runNodeServer } from '../testing/run-program.ts';

testGateway((verifierPort) => runNodeServer('fastify/server.ts', verifierPort), {
  isProxy: false,
  knowsClientAddress: true,
});
