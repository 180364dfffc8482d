import { testGateway } from '../../docs/gateways/testing/gateway-tests.ts';
import { startNodeServer } from '../../docs/gateways/testing/run-program.ts';

const without = {
  forwarding: 'middleware in the API itself',
  'HTTP/2': 'the example uses http.Server',
  'extended CONNECT': 'the example uses http.Server',
};

testGateway((verifierPort) => startNodeServer('clients/fastify/example/server.ts', verifierPort), {
  knowsClientIpAddress: true,
  without,
});
