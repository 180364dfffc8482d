import path from 'node:path';
import { parseArgs } from 'node:util';
import { installPackages } from '../scripts/checkout.ts';
import { measureAuditLog } from './audit-log.ts';
import { autocannonLoad } from './autocannon.ts';
import { measureBarePage } from './bare-page.ts';
import { calculateRatios, describeScenarios, startScenarios } from './compare.ts';
import { BenchPostgres } from './database.ts';
import { calculateFigures, formatList, formatTable } from './figures.ts';
import { measureList } from './list.ts';
import type { LoadGenerator } from './load-generator.ts';
import { METHOD, measureAll } from './measure.ts';
import { clearProgress, showProgress } from './progress.ts';
import { describeMachine, writeResults } from './results.ts';
import type { BenchServer } from './servers.ts';
import { measureSoak } from './soak.ts';
import { measureWorkers, WORKERS_METHOD } from './workers.ts';
import { createWrkLoad } from './wrk.ts';

/** Compares the verifier with a bare `node:http` server and with Better Auth. */
async function compareServers(
  load: LoadGenerator,
  postgres: BenchPostgres,
  onStarted: (server: BenchServer) => void,
): Promise<void> {
  showProgress('creating databases and starting servers');
  const { scenarios: servers, workers } = await startScenarios(postgres, onStarted);
  const series = await measureAll(load, servers);
  const { paced, ...workerRatios } = await measureWorkers(load, workers.keysFile, workers);
  const scenarios = await describeScenarios();
  const how = {
    measured_at: new Date().toISOString(),
    machine: `${describeMachine()}, shared by load generator, server and PostgreSQL`,
    node: process.versions.node,
    postgresql: `${await postgres.readVersion()}, with the configuration of npm start`,
    load: load.name,
    method: METHOD,
    workers: `${WORKERS_METHOD}: ${paced.one.toFixed(0)} and ${paced.two.toFixed(0)} requests/s`,
  };
  const figures = calculateFigures(series);
  const ratios = { ...calculateRatios(series), ...workerRatios };
  await writeResults({ how: { ...how, scenarios }, verifier: ratios, figures });
  clearProgress();
  console.log(formatTable(figures));
  console.log(`\n${formatList(how)}`);
  console.log(`\n${formatList(scenarios)}`);
  console.log(`\n${formatList(ratios)}`);
}

/** What to stop at the end, the last one first. */
const startedPrograms: { stop(): Promise<void> }[] = [];
let isInterrupted = false;

async function stopAll(): Promise<void> {
  for (let last = startedPrograms.pop(); last; last = startedPrograms.pop()) await last.stop();
}

async function runBenchmark(): Promise<void> {
  const { values } = parseArgs({
    options: {
      soak: { type: 'boolean', default: false },
      requests: { type: 'string', default: '10000000' },
      'audit-log': { type: 'boolean', default: false },
      entries: { type: 'string', default: '1000000' },
      list: { type: 'boolean', default: false },
      accounts: { type: 'string', default: '1000000' },
      'bare-page': { type: 'boolean', default: false },
    },
  });
  if (values['bare-page']) return measureBarePage();
  const { requests, entries, accounts } = values;
  const counts = { requests: Number(requests), entries: Number(entries), accounts: Number(accounts) };
  if (!Object.values(counts).every((count) => count > 0))
    throw new Error('--requests, --entries and --accounts must be positive numbers');
  const onStarted = (server: BenchServer) => void startedPrograms.push(server);
  await installPackages(path.join(import.meta.dirname, 'better-auth'));
  showProgress('starting PostgreSQL');
  const postgres = await BenchPostgres.start();
  startedPrograms.push(postgres);
  if (values['audit-log']) return measureAuditLog(postgres, counts.entries);
  if (values.list) return measureList(postgres, counts.accounts);
  const load = (await createWrkLoad()) ?? autocannonLoad;
  startedPrograms.push(load);
  if (values.soak) await measureSoak(load, postgres, { requests: counts.requests, onStarted });
  else await compareServers(load, postgres, onStarted);
}

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, async () => {
    isInterrupted = true;
    await stopAll();
    process.exit(1);
  });
}
try {
  await runBenchmark();
} catch (error) {
  // An interrupted run fails because its servers were stopped.
  if (!isInterrupted) throw error;
} finally {
  if (!isInterrupted) await stopAll();
}
