import { fork } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { SERVICE_NAMES, type ServiceName } from '#lib/platform/config/services.ts';
import { type BuildTarget, build, installPackages, isInstalled, programsFolder } from './checkout.ts';
import { type DataFolder, openDataFolder } from './data-folder.ts';
import { startDatabase } from './embedded-database.ts';
import { checkPorts } from './ports.ts';
import { describeService } from './services.ts';
import type { SetupSteps, StartPlan } from './setup.ts';
import { Supervisor } from './supervisor.ts';
import { CliError, createStopSignal, runStep } from './terminal.ts';

const ROOT = path.dirname(import.meta.dirname);

type Run = {
  services: readonly ServiceName[];
  /** For `npm run dev`: hot reload and example accounts, without a build. */
  isDevelopment: boolean;
  stopSignal: AbortSignal;
  /** Registers a clean-up function. At the end, the last registered one runs first. */
  onStop(cleanUp: () => unknown): void;
  /** Stops everything and reports the error. */
  abandon(error: CliError): void;
};

function readArguments(name: string | undefined): Pick<Run, 'services' | 'isDevelopment'> {
  if (name === undefined || name === 'dev') return { services: SERVICE_NAMES, isDevelopment: name === 'dev' };
  const service = SERVICE_NAMES.find((candidate) => candidate === name);
  if (!service) throw new CliError(`"${name}" isn't a service. Use one of: ${SERVICE_NAMES.join(', ')}.`);
  return { services: [service], isDevelopment: false };
}

/** Reads a setting before the packages that validate settings are installed. An invalid value is reported later. */
const readSetting = (name: string, defaultValue: string) => process.env[name]?.trim() || defaultValue;

async function checkServicePorts(services: readonly ServiceName[]): Promise<void> {
  const servicePorts = [
    { service: 'web', name: 'PORT', port: Number(readSetting('PORT', '3000')) },
    { service: 'verifier', name: 'VERIFIER_PORT', port: Number(readSetting('VERIFIER_PORT', '3001')) },
  ];
  const isPort = (port: number) => port > 0 && port < 65_536;
  const ports = servicePorts.filter(
    ({ service, port }) => services.some((name) => name === service) && isPort(port),
  );
  await checkPorts(ports, readSetting('HOST', '127.0.0.1'));
}

type RunSetupStep = <Step extends keyof SetupSteps>(
  step: Step,
  argument: Parameters<SetupSteps[Step]>[0],
) => Promise<Awaited<ReturnType<SetupSteps[Step]>>>;

/** Starts the child process of setup.ts, which handles the settings and the database. `run` makes it run one step. */
function startSetup(onStop: Run['onStop']): { run: RunSetupStep; end(): void } {
  const execArgv = ['--import', new URL('faster-imports.mjs', import.meta.url).href];
  const child = fork(path.join(import.meta.dirname, 'setup.ts'), { execArgv });
  const end = () => void (child.connected && child.disconnect());
  onStop(end);
  const run: RunSetupStep = (name, argument) =>
    new Promise((resolve, reject) => {
      const onExit = (code: number | null) =>
        reject(new Error(`The setup stopped unexpectedly (exit code ${code}).`));
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

/** Known to everyone. That is acceptable, because `npm run dev` listens on this machine only, unless HOST is set. */
const DEVELOPMENT_PASSWORD = 'stagedoor-in-development';

async function prepareDatabase(plan: StartPlan, run: Run, runSetupStep: RunSetupStep): Promise<string> {
  const url = plan.isEmbedded
    ? await runStep('Starting the database', () => startDatabase(plan.dataFolder, run))
    : plan.databaseUrl;
  if (!plan.isEmbedded) await runStep('Connecting to the database', () => runSetupStep('checkDatabase', url));
  run.stopSignal.throwIfAborted();
  return runStep('Migrating the database', () => runSetupStep('migrate', url));
}

/** Builds the targets, and returns the folder of the services' programs. */
async function buildTargets({ stopSignal: signal }: Run, targets: BuildTarget[]): Promise<string> {
  if (targets.length > 0)
    await runStep(`Building the ${targets.join(' and the ')}`, () => build(ROOT, { targets, signal }));
  return programsFolder(ROOT);
}

/** Rebuilds a service's program when its sources change, and restarts the service. Returns the programs' folder. */
async function watchPrograms({ onStop }: Run, supervisor: Supervisor): Promise<string> {
  const folder = path.join(ROOT, '.stagedoor/dev/programs');
  const bundle = await import('./bundle.ts');
  const restart = (name: ServiceName) => {
    console.log(`▸ The code of ${name} changed. Restarting it.`);
    void supervisor.restart(name);
  };
  onStop(await bundle.watchPrograms(ROOT, folder, restart));
  return folder;
}

function rejectOnStop(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    if (signal.aborted) reject(signal.reason);
    else signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
}

/** Formats the message that is printed when all services are ready. */
function formatWelcome(plan: StartPlan, { services }: Run, signIn: string | undefined): string {
  const hasWeb = services.includes('web');
  const seconds = (performance.now() / 1000).toFixed(1);
  const lines = ['', `Stagedoor is running. It started in ${seconds} s.`, ''];
  if (hasWeb) lines.push(`  Administrators: ${plan.publicUrl}/settings/users/api-accounts`);
  if (services.includes('verifier'))
    lines.push(`  Verifier: http://${plan.host}:${plan.verifierPort}/verify`);
  if (hasWeb && plan.hasOutbox) lines.push(`  Outbox: ${plan.publicUrl}/outbox`);
  if (signIn) lines.push('', `  ${signIn}`);
  if (hasWeb && plan.outboxWarning) lines.push('', `  ${plan.outboxWarning}`);
  return [...lines, '', 'Press Ctrl-C to stop.', ''].join('\n');
}

/** Locks the data folder and sets STAGEDOOR_DATA, unless the database is external or only one service runs. */
async function lockDataFolder({ services, isDevelopment, onStop }: Run): Promise<DataFolder | undefined> {
  if (readSetting('DATABASE_URL', '') || services.length === 1) return undefined;
  const defaultFolder = isDevelopment ? '.stagedoor/dev' : '.stagedoor';
  process.env.STAGEDOOR_DATA = path.resolve(readSetting('STAGEDOOR_DATA', defaultFolder));
  const dataFolder = await openDataFolder(process.env.STAGEDOOR_DATA);
  onStop(dataFolder.release);
  return dataFolder;
}

async function start(run: Run): Promise<void> {
  const { services, isDevelopment, stopSignal, onStop, abandon } = run;
  // Lock before checking the ports: this also ends the services of a killed Stagedoor, which may listen on them.
  const dataFolder = await lockDataFolder(run);
  await checkServicePorts(services);
  if (!(await isInstalled(ROOT, { includeDev: isDevelopment })))
    await runStep('Installing packages', () =>
      installPackages(ROOT, { includeDev: isDevelopment, signal: stopSignal }),
    );
  const setup = startSetup(onStop);
  const plan = await setup.run('readSettings', services.length > 1 ? 'all' : (services[0] ?? 'all'));
  const targets: BuildTarget[] = services.includes('web') ? ['pages', 'programs'] : ['programs'];
  const unbuiltTargets = isDevelopment ? [] : await setup.run('findUnbuilt', targets);
  const supervisor = new Supervisor({ record: async (pids) => dataFolder?.recordServices(pids), abandon });
  const [databaseUrl, programs] = await Promise.all([
    prepareDatabase(plan, run, setup.run),
    isDevelopment ? watchPrograms(run, supervisor) : buildTargets(run, unbuiltTargets),
  ]);
  stopSignal.throwIfAborted();
  const authSecret = plan.authSecret || ((await dataFolder?.getAuthSecret()) ?? '');
  onStop(() => supervisor.stop());
  const servicePlan = { ...plan, databaseUrl, authSecret };
  const processes = services.map((name) => describeService(name, servicePlan, { programs, isDevelopment }));
  const starting = runStep(`Starting ${services.join(', ')}`, () => supervisor.start(processes));
  await Promise.race([starting, rejectOnStop(stopSignal)]);
  if (services.includes('verifier')) {
    const checking = runStep('Looking up a key', () => setup.run('checkVerifier', databaseUrl));
    await Promise.race([checking, rejectOnStop(stopSignal)]);
  }
  // Do this last, so that the printed password is not lost if another step fails.
  const signIn = services.includes('web')
    ? await setup.run('createAdministrator', { databaseUrl, isDevelopment })
    : undefined;
  setup.end();
  console.log(formatWelcome(plan, run, signIn));
}

function reportError(error: unknown): void {
  if (error instanceof CliError) console.error(`\n${error.message}`);
  else console.error('\nStagedoor stopped because of an error:', error);
}

/**
 * Starts Stagedoor, or one of its services, and keeps it running until a stop is requested.
 * Then stops everything it started, and ends this process with exit code 0, or 1 after an error.
 * @param name web, verifier, worker or dev; undefined for all services
 */
export async function runStagedoor(name: string | undefined): Promise<void> {
  process.chdir(ROOT);
  // A closed pipe must not prevent a clean shutdown of the database.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {});
  // Only this program may set it, for its child processes: it would make DATABASE_URL be ignored here.
  delete process.env.STAGEDOOR_EMBEDDED;
  const stopSignal = createStopSignal();
  const cleanUps: (() => unknown)[] = [];
  let exitCode = 0;
  try {
    if (existsSync('.env')) process.loadEnvFile('.env');
    if (name === 'dev') process.env.FIRST_ADMIN_PASSWORD ||= DEVELOPMENT_PASSWORD;
    const abandoned = Promise.withResolvers<never>();
    const run: Run = {
      ...readArguments(name),
      stopSignal,
      onStop: (cleanUp) => void cleanUps.push(cleanUp),
      abandon: abandoned.reject,
    };
    await Promise.race([start(run).then(() => rejectOnStop(stopSignal)), abandoned.promise]);
  } catch (error) {
    if (!stopSignal.aborted) {
      reportError(error);
      exitCode = 1;
    }
  }
  if (stopSignal.aborted) console.log('\nStopping …');
  for (const cleanUp of cleanUps.reverse()) await Promise.resolve(cleanUp()).catch(reportError);
  process.exit(exitCode);
}
