import { fork } from 'node:child_process';
import { createWriteStream, existsSync } from 'node:fs';
import path from 'node:path';
import { startEmbeddedPostgres } from '#db/embedded-postgres.ts';
import { type BuildTarget, build, installPackages, isInstalled, programsFolder } from './checkout.ts';
import { type DataFolder, openDataFolder } from './data-folder.ts';
import { checkPorts } from './ports.ts';
import { describeService, SERVICES, type ServiceName } from './services.ts';
import type { SetupSteps, StartPlan } from './setup.ts';
import { Supervisor } from './supervisor.ts';
import { CliError, step, stopRequest } from './terminal.ts';

const ROOT = path.dirname(import.meta.dirname);

type Run = {
  services: ServiceName[];
  /** `npm run dev`: hot reload, example accounts, nothing built. */
  dev: boolean;
  stopping: AbortSignal;
  /** Registers what is undone at the end, last first. */
  later(undo: () => unknown): void;
  /** Ends everything because of a problem. */
  abandon(error: CliError): void;
};

function readArguments(name: string | undefined): Pick<Run, 'services' | 'dev'> {
  if (name === undefined || name === 'dev') return { services: SERVICES, dev: name === 'dev' };
  const service = SERVICES.find((candidate) => candidate === name);
  if (!service) throw new CliError(`There is no service "${name}": only ${SERVICES.join(', ')}.`);
  return { services: [service], dev: false };
}

/** Reads settings before anything is installed that could check them; mistakes are reported later, by name. */
const setting = (name: string, otherwise: string) => process.env[name]?.trim() || otherwise;

async function checkPortsOf(services: ServiceName[]): Promise<void> {
  const all = [
    { service: 'web', name: 'PORT', port: Number(setting('PORT', '3000')) },
    { service: 'verifier', name: 'VERIFIER_PORT', port: Number(setting('VERIFIER_PORT', '3001')) },
  ];
  const isPort = (port: number) => port > 0 && port < 65_536;
  const ports = all.filter(({ service, port }) => services.some((name) => name === service) && isPort(port));
  await checkPorts(ports, setting('HOST', '127.0.0.1'));
}

type Setup = <Step extends keyof SetupSteps>(
  step: Step,
  argument: Parameters<SetupSteps[Step]>[0],
) => Promise<Awaited<ReturnType<SetupSteps[Step]>>>;

/** Starts the process that knows settings and database, and returns the function that has it do one step. */
function startSetup(later: Run['later']): { run: Setup; end(): void } {
  const child = fork(path.join(import.meta.dirname, 'setup.ts'), { execArgv: [] });
  const end = () => void (child.connected && child.disconnect());
  later(end);
  const run: Setup = (name, argument) =>
    new Promise((resolve, reject) => {
      const onExit = (code: number | null) => reject(new Error(`The setup ended early (exit code ${code}).`));
      child.once('exit', onExit);
      child.once('message', (message: { result?: never; advice?: string; failure?: string }) => {
        child.off('exit', onExit);
        if (message.advice !== undefined) reject(new CliError(message.advice));
        else if (message.failure !== undefined) reject(new Error(message.failure));
        else resolve(message.result as never);
      });
      child.send({ step: name, argument });
    });
  return { run, end };
}

/** Known to anyone: `npm run dev` listens on this machine alone, unless told otherwise. */
const DEVELOPMENT_PASSWORD = 'stagedoor-in-development';

/** Two exits of the database in this time: another start does not help. */
const QUICK_MS = 60_000;

/** Starts the data folder's PostgreSQL, and again on the same port when it exits by itself. */
async function startDatabase(folder: string, { later, abandon }: Run): Promise<string> {
  const log = createWriteStream(path.join(folder, 'postgres.log'), { mode: 0o600 });
  const options = {
    folder: path.join(folder, 'postgres'),
    onLog: (line: string) => log.write(`${line}\n`),
  };
  const first = startEmbeddedPostgres(options);
  let isStopping = false;
  // Registered before it runs: it may be asked to stop while it starts.
  later(async () => {
    isStopping = true;
    await first.catch(() => {});
    await server?.stop();
    log.end();
  });
  let server = await first;

  async function keepRunning() {
    for (let endedAt = Number.NEGATIVE_INFINITY; ; endedAt = performance.now()) {
      await server.exited;
      if (isStopping) return;
      if (performance.now() - endedAt < QUICK_MS) throw new Error('it ended twice in a minute');
      console.error('The database ended unexpectedly: starting it again.');
      server = await startEmbeddedPostgres({ ...options, port: server.port });
      if (isStopping) await server.stop();
    }
  }
  keepRunning().catch((error) =>
    abandon(new CliError(`The database does not keep running: ${error.message}; see ${log.path}.`)),
  );
  return server.url;
}

async function openDatabase(plan: StartPlan, run: Run, setup: Setup): Promise<string> {
  const url = plan.embedded
    ? await step('Starting the database', () => startDatabase(plan.dataFolder, run))
    : plan.databaseUrl;
  if (!plan.embedded) await step('Reaching the database', () => setup('checkDatabase', url));
  run.stopping.throwIfAborted();
  return step('Migrating the database', () => setup('migrate', url));
}

/** Builds what the services run, and returns the folder of their programs. */
async function buildPrograms({ stopping: signal }: Run, missing: BuildTarget[]): Promise<string> {
  if (missing.length > 0)
    await step(`Building the ${missing.join(' and the ')}`, () => build(ROOT, { parts: missing, signal }));
  return programsFolder(ROOT);
}

/** Builds the services' programs whenever their sources change, and restarts those that changed. */
async function watchPrograms({ later }: Run, supervisor: Supervisor): Promise<string> {
  const folder = path.join(ROOT, '.stagedoor/dev/programs');
  const bundle = await import('./bundle.ts');
  const restart = (name: ServiceName) => {
    console.log(`▸ The code of ${name} changed: restarting it`);
    void supervisor.restart(name);
  };
  later(await bundle.watchPrograms(ROOT, folder, restart));
  return folder;
}

function rejectOnStop(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    if (signal.aborted) reject(signal.reason);
    else signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
}

/** Describes how to go on, when everything serves. */
function welcome(plan: StartPlan, { services }: Run, signIn: string | undefined): string {
  const web = services.includes('web');
  const seconds = (performance.now() / 1000).toFixed(1);
  const lines = ['', `Stagedoor is running. It took ${seconds} s to start.`, ''];
  if (web) lines.push(`  Administrators: ${plan.publicUrl}/settings/users/api-accounts`);
  if (services.includes('verifier'))
    lines.push(`  Verifier: http://${plan.host}:${plan.verifierPort}/verify`);
  if (web && plan.hasOutbox) lines.push(`  Outbox: ${plan.publicUrl}/outbox`);
  if (signIn) lines.push('', `  ${signIn}`);
  if (web && plan.outboxWarning) lines.push('', `  ${plan.outboxWarning}`);
  return [...lines, '', 'Press Ctrl-C to stop.', ''].join('\n');
}

/** Locks the data folder first: that also ends what a killed Stagedoor left on the ports. */
async function lockDataFolder({ services, dev, later }: Run): Promise<DataFolder | undefined> {
  if (setting('DATABASE_URL', '') || services.length === 1) return undefined;
  process.env.STAGEDOOR_DATA = path.resolve(setting('STAGEDOOR_DATA', dev ? '.stagedoor/dev' : '.stagedoor'));
  const data = await openDataFolder(process.env.STAGEDOOR_DATA);
  later(data.release);
  return data;
}

async function start(run: Run): Promise<void> {
  const { services, dev, stopping, later, abandon } = run;
  const data = await lockDataFolder(run);
  await checkPortsOf(services);
  if (!(await isInstalled(ROOT, { dev })))
    await step('Installing packages', () => installPackages(ROOT, { dev, signal: stopping }));
  const setup = startSetup(later);
  const plan = await setup.run('readSettings', services.length > 1 ? 'all' : (services[0] ?? 'all'));
  const needed: BuildTarget[] = services.includes('web') ? ['pages', 'programs'] : ['programs'];
  const missing = dev ? [] : await setup.run('findUnbuilt', needed);
  const supervisor = new Supervisor({ record: async (pids) => data?.recordServices(pids), abandon });
  const [databaseUrl, programs] = await Promise.all([
    openDatabase(plan, run, setup.run),
    dev ? watchPrograms(run, supervisor) : buildPrograms(run, missing),
  ]);
  stopping.throwIfAborted();
  const authSecret = plan.authSecret || ((await data?.authSecret()) ?? '');
  later(() => supervisor.stop());
  const described = services.map((name) =>
    describeService(name, { ...plan, databaseUrl, authSecret }, { programs, dev }),
  );
  const begun = step(`Starting ${services.join(', ')}`, () => supervisor.start(described));
  await Promise.race([begun, rejectOnStop(stopping)]);
  // Last, so that the password is not lost if something else fails.
  const signIn = services.includes('web')
    ? await setup.run('createAdministrator', { databaseUrl, dev })
    : undefined;
  setup.end();
  console.log(welcome(plan, run, signIn));
}

function report(error: unknown): void {
  if (error instanceof CliError) console.error(`\n${error.message}`);
  else console.error('\nStagedoor could not go on:', error);
}

/**
 * Starts Stagedoor, or one of its services, and keeps it running until it is asked to stop; then ends everything that
 * it began, and this process: with exit code 0, or 1 if something went wrong.
 * @param name web, verifier, worker or dev; undefined: all services
 */
export async function runStagedoor(name: string | undefined): Promise<void> {
  process.chdir(ROOT);
  // The reader of the output may be gone: that must not keep the database from being shut down.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {});
  delete process.env.STAGEDOOR_EMBEDDED;
  const stopping = stopRequest();
  const undo: (() => unknown)[] = [];
  let exitCode = 0;
  try {
    if (existsSync('.env')) process.loadEnvFile('.env');
    if (name === 'dev') process.env.FIRST_ADMIN_PASSWORD ||= DEVELOPMENT_PASSWORD;
    const failing = Promise.withResolvers<never>();
    const run: Run = {
      ...readArguments(name),
      stopping,
      later: (step) => void undo.push(step),
      abandon: failing.reject,
    };
    await Promise.race([start(run).then(() => rejectOnStop(stopping)), failing.promise]);
  } catch (error) {
    if (!stopping.aborted) {
      report(error);
      exitCode = 1;
    }
  }
  if (stopping.aborted) console.log('\nStopping …');
  for (const step of undo.reverse()) await Promise.resolve(step()).catch(report);
  process.exit(exitCode);
}
