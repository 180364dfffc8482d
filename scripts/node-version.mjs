import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

// This file is read by the machine's own Node.js, from 18 on: so it is JavaScript, and imports nothing of ours.

const ROOT = fileURLToPath(new URL('..', import.meta.url));
/** Tells the program that an older Node.js started it, which it must not outlive. */
const MARK = 'STAGEDOOR_UNDER_OLDER_NODE';
const QUIET = ['--no-save', '--no-package-lock', '--ignore-scripts', '--no-audit', '--no-fund'];

/** Reads `engines.node` of package.json, such as >=24.1. */
function oldestNode() {
  const { engines } = JSON.parse(readFileSync(path.join(ROOT, 'package.json'), 'utf8'));
  const [, major, minor = '0'] = /(\d+)(?:\.(\d+))?/.exec(engines.node) ?? [];
  return { major: Number(major), minor: Number(minor) };
}

function isNewEnough() {
  const oldest = oldestNode();
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  return major > oldest.major || (major === oldest.major && minor >= oldest.minor);
}

/**
 * Returns how npm is started: the one that started us, or the one in the PATH.
 * @returns {{ program: string, args: string[], shell: boolean }}
 */
export function npmCommand() {
  const script = process.env.npm_execpath;
  if (script && /npm-cli\.[cm]?js$/.test(script))
    return { program: process.execPath, args: [script], shell: false };
  return { program: 'npm', args: [], shell: process.platform === 'win32' };
}

/**
 * Waits for a child process.
 * @param {import('node:child_process').ChildProcess} child
 * @returns {Promise<number>} its exit code
 */
function exitCodeOf(child) {
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code, signal) => resolve(code ?? (signal ? 1 : 0)));
  });
}

/** Fetches a newer Node.js from npm, once; returns its path. */
async function fetchNode() {
  const { major } = oldestNode();
  const folder = path.join(ROOT, '.stagedoor', `node-${major}`);
  // The package of this platform alone: `node` fetches it in an install script, which npm 12 does not run.
  const system = process.platform === 'win32' ? 'win' : process.platform;
  const prefix = system === 'darwin' && process.arch === 'arm64' ? 'node-bin' : 'node';
  const name = `${prefix}-${system}-${process.arch}`;
  const file = process.platform === 'win32' ? 'bin/node.exe' : 'bin/node';
  const node = path.join(folder, 'node_modules', name, file);
  if (existsSync(node)) return node;
  console.log(`Node ${process.versions.node} is too old for Stagedoor: fetching Node ${major} from npm …`);
  mkdirSync(folder, { recursive: true });
  const { program, args, shell } = npmCommand();
  const child = spawn(program, [...args, 'install', '--prefix', folder, ...QUIET, `${name}@${major}`], {
    cwd: folder,
    shell,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const code = await exitCodeOf(child);
  if (code !== 0) throw new Error(`npm ended with ${code}`);
  if (!existsSync(node)) throw new Error(`the package ${name} has no ${file}`);
  return node;
}

/**
 * Runs this program again under another Node.js, and waits for its end.
 * @param {string} node
 * @param {string} script
 */
async function runAgain(node, script) {
  const search = `${path.dirname(node)}${path.delimiter}${process.env.PATH ?? ''}`;
  const child = spawn(node, [script, ...process.argv.slice(2)], {
    // The channel tells the program when this process is gone, however it went.
    stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
    env: { ...process.env, [MARK]: '1', PATH: search },
  });
  for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP']))
    process.on(signal, () => child.kill(signal));
  return exitCodeOf(child);
}

/**
 * If this Node.js is older than package.json's `engines` ask for, runs the program under a newer one, fetched once
 * from the npm registry, and waits for its end. To be called before anything newer is imported.
 * @param {string} url the program's `import.meta.url`
 * @returns {Promise<boolean>} whether it did, so that nothing is left to do; the exit code is then set
 */
export async function runUnderNewerNode(url) {
  if (isNewEnough()) {
    if (process.env[MARK] && process.channel) {
      delete process.env[MARK];
      process.channel.unref();
      process.on('disconnect', () => process.kill(process.pid, 'SIGTERM'));
    }
    return false;
  }
  try {
    process.exitCode = await runAgain(await fetchNode(), fileURLToPath(url));
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
