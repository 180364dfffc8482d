import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

// This file is read by whatever Node is on the machine, from 18 on.

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const SIGNALS = /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP']);
/** Tells the program that it was started by an older Node, which it is not to outlive. */
const MARK = 'STAGEDOOR_UNDER_OLDER_NODE';

/** @returns {{ major: number, minor: number }} `engines.node` of package.json, such as >=24.1 */
function oldestNode() {
  const { engines } = JSON.parse(readFileSync(path.join(ROOT, 'package.json'), 'utf8'));
  const [, major, minor = '0'] = /(\d+)(?:\.(\d+))?/.exec(engines.node) ?? [];
  return { major: Number(major), minor: Number(minor) };
}

/** @param {string} version such as 24.1.0 */
function isNewEnough(version) {
  const oldest = oldestNode();
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return major > oldest.major || (major === oldest.major && minor >= oldest.minor);
}

/**
 * The package that holds nothing but Node's program for this machine. (The package `node` fetches it in an
 * install script, which npm 12 does not run.)
 */
function platformPackage() {
  const system = process.platform === 'win32' ? 'win' : process.platform;
  const prefix = system === 'darwin' && process.arch === 'arm64' ? 'node-bin' : 'node';
  return `${prefix}-${system}-${process.arch}`;
}

/**
 * How npm is started: the very one that started us, or the one in the PATH.
 * @param {string} node
 * @returns {{ program: string, args: string[], shell: boolean }}
 */
export function npmCommand(node = process.execPath) {
  const script = process.env.npm_execpath;
  if (script && /npm-cli\.[cm]?js$/.test(script)) return { program: node, args: [script], shell: false };
  return { program: 'npm', args: [], shell: process.platform === 'win32' };
}

/** @param {string} folder @param {string} name @returns {Promise<void>} */
function fetchPackage(folder, name) {
  mkdirSync(folder, { recursive: true });
  const { program, args, shell } = npmCommand();
  const options = [
    '--prefix',
    folder,
    '--no-save',
    '--no-package-lock',
    '--ignore-scripts',
    '--no-audit',
    '--no-fund',
  ];
  return new Promise((resolve, reject) => {
    const child = spawn(program, [...args, 'install', ...options, name], {
      cwd: folder,
      shell,
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    child.on('error', reject);
    child.on('close', (code) => (code === 0 ? resolve() : reject(new Error(`npm ended with ${code}`))));
  });
}

/** @returns {Promise<string>} the path of a Node that is new enough */
async function findNewerNode() {
  const { major } = oldestNode();
  const folder = path.join(ROOT, '.stagedoor', `node-${major}`);
  const name = platformPackage();
  const file = process.platform === 'win32' ? 'bin/node.exe' : 'bin/node';
  const node = path.join(folder, 'node_modules', name, file);
  if (existsSync(node)) return node;
  console.log(`Node ${process.versions.node} is too old for Stagedoor: fetching Node ${major} from npm …`);
  await fetchPackage(folder, `${name}@${major}`);
  if (!existsSync(node)) throw new Error(`the package ${name} has no ${file}`);
  return node;
}

/**
 * Runs this program again, under another Node, and ends as it ends.
 * @param {string} node
 * @param {string} script
 * @returns {Promise<void>}
 */
function runAgain(node, script) {
  const child = spawn(node, [script, ...process.argv.slice(2)], {
    // The channel tells the program when this process is gone, however it went.
    stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
    env: {
      ...process.env,
      [MARK]: '1',
      PATH: `${path.dirname(node)}${path.delimiter}${process.env.PATH ?? ''}`,
    },
  });
  for (const signal of SIGNALS) process.on(signal, () => child.kill(signal));
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code, signal) => {
      process.exitCode = code ?? (signal ? 1 : 0);
      resolve();
    });
  });
}

function endWithParent() {
  delete process.env[MARK];
  process.channel?.unref();
  process.on('disconnect', () => process.kill(process.pid, 'SIGTERM'));
}

/**
 * Where this Node is older than package.json's `engines` ask for, runs the program under a newer one, fetched
 * once from the npm registry, and waits for its end. To be called before anything newer is imported.
 * @param {string} url the program's `import.meta.url`
 * @returns {Promise<boolean>} whether it did, so that nothing is left to do; the exit code is then set
 */
export async function runUnderNewerNode(url) {
  if (isNewEnough(process.versions.node)) {
    if (process.env[MARK] && process.channel) endWithParent();
    return false;
  }
  try {
    await runAgain(await findNewerNode(), fileURLToPath(url));
  } catch (error) {
    const { major } = oldestNode();
    const reason = error instanceof Error ? error.message : error;
    console.error(
      `Stagedoor needs Node ${major} or newer; this is ${process.versions.node}, and no newer one could be fetched (${reason}).`,
    );
    process.exitCode = 1;
  }
  return true;
}
