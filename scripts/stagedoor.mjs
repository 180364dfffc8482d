import { existsSync } from 'node:fs';
import { enableCompileCache } from 'node:module';
import path from 'node:path';
import { buildPages, isBuilt } from './build.mjs';
import { installPackages, isInstalled } from './install.mjs';
import { Parts } from './parts.mjs';
import { checkPorts } from './ports.mjs';
import { step } from './progress.mjs';
import { stopRequest } from './stop-request.mjs';
import { Trouble } from './trouble.mjs';
import { welcome } from './welcome.mjs';

/** @typedef {import('#lib/settings.ts').Part} Part */
/** @typedef {import('#lib/settings.ts').Settings} Settings */
/**
 * @typedef {{
 *   parts: Part[],
 *   stopping: AbortSignal,
 *   later(undo: () => unknown): void,
 *   giveUp(trouble: Trouble): void,
 * }} Run `later`: what is to be undone at the end, last first
 */
/** @typedef {{ databaseUrl: string, authSecret: string, record(pids: number[]): Promise<void> }} Ground */

const ROOT = path.dirname(import.meta.dirname);
/** @type {Part[]} */
const ALL = ['web', 'verifier', 'worker'];

/** @param {string | undefined} name @returns {Part[]} */
function partsOf(name) {
  if (name === undefined) return ALL;
  const part = ALL.find((candidate) => candidate === name);
  if (!part) throw new Trouble(`There is no part "${name}": only ${ALL.join(', ')}.`);
  return [part];
}

/** @param {Part[]} parts @returns {Promise<Settings>} */
async function readSettings(parts) {
  const { parseSettings } = await import('#lib/settings.ts');
  const [part = 'web'] = parts;
  const result = parseSettings(process.env, parts.length > 1 ? 'all' : part);
  if (result.ok) return result.settings;
  const lines = result.mistakes.map((mistake) => `  ${mistake}`);
  throw new Trouble(['These settings have to be put right first:', ...lines].join('\n'));
}

/** @param {Run} run */
async function prepareCheckout({ parts, stopping }) {
  if (!(await isInstalled(ROOT))) await step('Installing packages', () => installPackages(ROOT, stopping));
  const settings = await readSettings(parts);
  if (parts.includes('web') && !(await isBuilt(ROOT)))
    await step('Building the web pages', () => buildPages(ROOT, stopping));
  stopping.throwIfAborted();
  return settings;
}

/** @param {Settings} settings @param {Part[]} parts */
async function checkPortsOf({ port, verifierPort, host }, parts) {
  const ports = [];
  if (parts.includes('web')) ports.push({ name: 'PORT', port });
  if (parts.includes('verifier')) ports.push({ name: 'VERIFIER_PORT', port: verifierPort });
  await checkPorts(ports, host);
}

/** @param {Settings} settings @param {Run} run @returns {Promise<Ground>} */
async function embeddedGround(settings, { parts, later, giveUp }) {
  const { openDataFolder } = await import('./data-folder.mjs');
  const { startEmbeddedDatabase } = await import('./embedded-database.mjs');
  const data = await openDataFolder(settings.dataFolder);
  later(data.release);
  await checkPortsOf(settings, parts);
  const database = await step('Starting the database', () =>
    startEmbeddedDatabase(settings.dataFolder, giveUp),
  );
  later(database.stop);
  const authSecret = settings.authSecret || (await data.authSecret());
  return { databaseUrl: database.url, authSecret, record: data.recordParts };
}

/** @param {Settings} settings @param {Run} run @returns {Promise<Ground>} */
async function externalGround(settings, { parts }) {
  const { checkDatabase } = await import('./check-database.mjs');
  await checkPortsOf(settings, parts);
  await step('Reaching the database', () => checkDatabase(settings.databaseUrl));
  return { databaseUrl: settings.databaseUrl, authSecret: settings.authSecret, record: async () => {} };
}

/** @param {Settings} settings @param {Ground} ground @returns {Promise<Ground>} with the URL that the programs get */
async function migrateGround({ embedded, databaseOwnerUrl, auditRetentionDays }, ground) {
  const { migrateDatabase } = await import('./migrate-database.mjs');
  const databaseUrl = await migrateDatabase({
    databaseUrl: ground.databaseUrl,
    ownerUrl: embedded ? undefined : databaseOwnerUrl,
    embedded,
    mayPrune: auditRetentionDays !== null,
  });
  return { ...ground, databaseUrl };
}

/** @param {Settings} settings @param {Ground} ground @param {Run} run */
async function startParts(settings, { databaseUrl, authSecret, record }, { parts, stopping, later, giveUp }) {
  const { partEnvironment } = await import('./part-environment.mjs');
  const { dataFolder, publicUrl, embedded } = settings;
  const environmentFor = (/** @type {Part} */ part) =>
    partEnvironment(part, { databaseUrl, authSecret, dataFolder, publicUrl, embedded });
  const running = new Parts({ environmentFor, record, giveUp });
  later(() => running.stop());
  const begun = step(`Starting ${parts.join(', ')}`, () => running.start(parts));
  await Promise.race([begun, aborted(stopping)]);
}

/**
 * Made last, so that the password is not lost where something else fails.
 * @param {Settings} settings
 * @param {string} databaseUrl
 * @returns {Promise<string>} how to sign in
 */
async function makeFirstAdministrator({ firstAdminEmail: email, firstAdminPassword: password }, databaseUrl) {
  const { connectDatabase } = await import('#db/client.ts');
  const { createFirstAdministrator } = await import('#lib/users/first-administrator.ts');
  const { database, close } = connectDatabase(databaseUrl);
  try {
    const made = await createFirstAdministrator(database, { email, password });
    if (!made.created) return 'Sign in with the email address and password of an administrator.';
    if (password) return `Sign in with ${email} and the password that FIRST_ADMIN_PASSWORD gives.`;
    return `Sign in with ${made.email} and the password ${made.password} (it is shown only this once).`;
  } finally {
    await close();
  }
}

/** @param {AbortSignal} signal @returns {Promise<never>} rejects when asked to stop */
function aborted(signal) {
  return new Promise((_, reject) => {
    if (signal.aborted) reject(signal.reason);
    else signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
}

/** @param {Run} run */
async function start(run) {
  const settings = await prepareCheckout(run);
  const bare = await (settings.embedded ? embeddedGround : externalGround)(settings, run);
  run.stopping.throwIfAborted();
  const ground = await migrateGround(settings, bare);
  run.stopping.throwIfAborted();
  await startParts(settings, ground, run);
  const signIn = run.parts.includes('web')
    ? await makeFirstAdministrator(settings, ground.databaseUrl)
    : undefined;
  console.log(welcome(settings, run.parts, signIn));
}

/** @param {unknown} error */
function tell(error) {
  if (error instanceof Trouble) console.error(`\n${error.message}`);
  else console.error('\nStagedoor could not go on:', error);
}

/**
 * Starts Stagedoor, or one part of it, and keeps it going until it is asked to stop; then ends everything that
 * it began, and this process: with exit code 0, or 1 where something was wrong.
 * @param {string | undefined} name web, verifier or worker; undefined: all three
 */
export async function runStagedoor(name) {
  process.chdir(ROOT);
  // What Node has compiled at one start serves the next; the parts get it by the environment.
  process.env.NODE_COMPILE_CACHE ??= path.join(ROOT, 'node_modules/.cache/node');
  enableCompileCache(process.env.NODE_COMPILE_CACHE);
  // Whoever read the words is gone: that must not keep the database from being shut down.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {});
  delete process.env.STAGEDOOR_EMBEDDED;
  const stopping = stopRequest();
  /** @type {(() => unknown)[]} */
  const undo = [];
  let exitCode = 0;
  try {
    if (existsSync('.env')) process.loadEnvFile('.env');
    const failing = Promise.withResolvers();
    const run = {
      parts: partsOf(name),
      stopping,
      later: (/** @type {() => unknown} */ step) => void undo.push(step),
      giveUp: failing.reject,
    };
    await Promise.race([start(run).then(() => aborted(stopping)), failing.promise]);
  } catch (error) {
    if (!stopping.aborted) {
      tell(error);
      exitCode = 1;
    }
  }
  if (stopping.aborted) console.log('\nStopping …');
  for (const step of undo.reverse()) await Promise.resolve(step()).catch(tell);
  process.exit(exitCode);
}
