import path from 'node:path';
import { parseArgs } from 'node:util';
import { installPackages } from '../scripts/checkout.ts';
import { measureAuditLog } from './audit-log.ts';
import { describeContenders, prepare, ratiosOf } from './compare.ts';
import { BenchPostgres } from './database.ts';
import { figuresOf } from './figures.ts';
import { type Load, startLoad } from './load.ts';
import { say, sayNothing } from './progress.ts';
import { machine, writeResults } from './results.ts';
import { HOW, measureAll } from './rounds.ts';
import type { BenchServer } from './servers.ts';
import { soak } from './soak.ts';
import { formatAsList, formatTable } from './table.ts';

/** The verifier against a bare `node:http` server and against Better Auth. */
async function compare(
  load: Load,
  postgres: BenchPostgres,
  keep: (server: BenchServer) => void,
): Promise<void> {
  say('making databases and starting servers');
  const contenders = await prepare(postgres, keep);
  const series = await measureAll(load, contenders);
  const how = {
    measured: new Date().toISOString(),
    machine: `${machine()}, shared by load, server and PostgreSQL`,
    node: process.versions.node,
    postgresql: `${await postgres.version()}, as npm start sets it up`,
    load: load.name,
    rounds: HOW,
    contenders: await describeContenders(),
  };
  const figures = figuresOf(series);
  const verifier = ratiosOf(series);
  await writeResults({ how, verifier, figures });
  sayNothing();
  console.log(formatTable(figures));
  console.log(`\n${formatAsList({ ...how, contenders: undefined })}`);
  console.log(`\n${formatAsList(how.contenders)}`);
  console.log(`\n${formatAsList(verifier)}`);
}

/** What is to be stopped in the end, the last one first. */
const started: { stop(): Promise<void> }[] = [];
let isInterrupted = false;

async function stopAll(): Promise<void> {
  for (let one = started.pop(); one; one = started.pop()) await one.stop();
}

async function run(): Promise<void> {
  const { values } = parseArgs({
    options: {
      soak: { type: 'boolean', default: false },
      requests: { type: 'string', default: '10000000' },
      'audit-log': { type: 'boolean', default: false },
      entries: { type: 'string', default: '1000000' },
    },
  });
  const [requests, entries] = [Number(values.requests), Number(values.entries)];
  if (!(requests > 0 && entries > 0)) throw new Error('--requests and --entries take a number');
  const keep = (server: BenchServer) => void started.push(server);
  await installPackages(path.join(import.meta.dirname, 'better-auth'));
  say('starting PostgreSQL');
  const postgres = await BenchPostgres.start();
  started.push(postgres);
  if (values['audit-log']) return measureAuditLog(postgres, entries);
  const load = await startLoad();
  started.push(load);
  if (values.soak) await soak(load, postgres, { requests, keep });
  else await compare(load, postgres, keep);
}

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, async () => {
    isInterrupted = true;
    await stopAll();
    process.exit(1);
  });
}
try {
  await run();
} catch (error) {
  // Whatever was under way fails when it is stopped.
  if (!isInterrupted) throw error;
} finally {
  if (!isInterrupted) await stopAll();
}
