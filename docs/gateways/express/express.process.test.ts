import { testGateway } from '../testing/gateway-tests.ts';
import { runServer } from '../testing/run-server.ts';

testGateway((verifierPort) => runServer('express/server.ts', verifierPort), { names: false, address: true });
