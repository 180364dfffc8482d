import { testGateway } from '../../docs/gateways/testing/gateway-tests.ts';
import { startNodeServer } from '../../docs/gateways/testing/run-program.ts';

testGateway((verifierPort) => startNodeServer('clients/nextjs/example/serve.ts', verifierPort), {
  knowsClientIpAddress: false,
  without: {
    forwarding: 'a wrapper in the API itself',
    WebSocket: 'a route handler cannot accept one',
    'HTTP/2': 'route handlers do not see the version',
    'extended CONNECT': 'a route handler cannot accept one',
  },
});
