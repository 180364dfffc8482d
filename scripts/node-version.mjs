import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

// Runs under the machine's own Node.js, which may be old, so it is JavaScript and imports only Node.js's own modules.

const ROOT = fileURLToPath(new URL('..', import.meta.url));
/** Set if an older Node.js started this process, which must then end with its parent. */
const STARTED_BY_OLDER_NODE = 'STAGEDOOR_UNDER_OLDER_NODE';
const INSTALL_OPTIONS = ['--ignore-scripts', '--no-audit', '--no-fund'];

/** Reads `engines.node` of package.json, such as >=24.1. */
function readMinimumVersion() {
  const { engines } = JSON.parse(readFileSync(path.join(ROOT, 'package.json'), 'utf8'));
  const [, major, minor = '0'] = /(\d+)(?:\.(\d+))?/.exec(engines.node) ?? [];
  return { major: Number(major), minor: Number(minor) };
}

function isNewEnough() {
  const minimum = readMinimumVersion();
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  return major > minimum.major || (major === minimum.major && minor >= minimum.minor);
}

/**
 * Returns the command for npm: the npm that started this process, or the one in the PATH.
 * @returns {{ program: string, args: string[], shell: boolean }}
 */
export function getNpmCommand() {
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
function waitForExit(child) {
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code, signal) => resolve(code ?? (signal ? 1 : 0)));
  });
}

/** @typedef {{ name: string, version: string, integrity: string }} NodeRelease a pinned npm package with Node.js */

/**
 * Returns the pinned package with Node.js for a platform; undefined if there is none.
 * @param {string} platform as `process.platform`
 * @param {string} architecture as `process.arch`
 * @returns {NodeRelease | undefined}
 */
export function findNodeRelease(platform, architecture) {
  const releases = JSON.parse(readFileSync(path.join(ROOT, 'scripts/node-releases.json'), 'utf8'));
  return releases[`${platform}-${architecture}`];
}

/**
 * Writes a package-lock.json, which makes npm refuse a package with any other content.
 * @param {string} folder
 * @param {NodeRelease} release
 */
function writeLockfile(folder, { name, version, integrity }) {
  const manifest = {
    name: 'stagedoor-node',
    version: '1.0.0',
    private: true,
    dependencies: { [name]: version },
  };
  // npm replaces this host by the configured registry.
  const resolved = `https://registry.npmjs.org/${name}/-/${name}-${version}.tgz`;
  const packages = { '': manifest, [`node_modules/${name}`]: { version, resolved, integrity } };
  const lockfile = {
    name: manifest.name,
    version: manifest.version,
    lockfileVersion: 3,
    requires: true,
    packages,
  };
  mkdirSync(folder, { recursive: true });
  writeFileSync(path.join(folder, 'package.json'), JSON.stringify(manifest));
  writeFileSync(path.join(folder, 'package-lock.json'), JSON.stringify(lockfile));
}

/**
 * Installs a package with Node.js from npm into a folder.
 * @param {string} folder
 * @param {NodeRelease} release
 * @throws if npm cannot download the package, or its digest is not the pinned one
 */
export async function installNode(folder, release) {
  writeLockfile(folder, release);
  const { program, args, shell } = getNpmCommand();
  const child = spawn(program, [...args, 'ci', ...INSTALL_OPTIONS], {
    cwd: folder,
    shell,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const code = await waitForExit(child);
  if (code !== 0) throw new Error(`npm failed with exit code ${code}`);
}

/** Downloads the pinned Node.js, unless that was done before. Returns its path. */
async function downloadNode() {
  const release = findNodeRelease(process.platform, process.arch);
  if (!release) throw new Error(`there is no package for ${process.platform} on ${process.arch}`);
  const folder = path.join(ROOT, '.stagedoor', `node-${release.version}`);
  const file = process.platform === 'win32' ? 'bin/node.exe' : 'bin/node';
  const node = path.join(folder, 'node_modules', release.name, file);
  // npm writes its list last, so without the list, the installation was interrupted.
  if (existsSync(path.join(folder, 'node_modules/.package-lock.json')) && existsSync(node)) return node;
  console.log(
    `Node ${process.versions.node} is too old for Stagedoor. Downloading Node ${release.version} from npm …`,
  );
  await installNode(folder, release);
  if (!existsSync(node)) throw new Error(`the package ${release.name} has no ${file}`);
  return node;
}

/**
 * Runs this program under another Node.js and returns its exit code.
 * @param {string} node the path of the other Node.js
 * @param {string} script
 */
async function runUnder(node, script) {
  const searchPath = `${path.dirname(node)}${path.delimiter}${process.env.PATH ?? ''}`;
  const child = spawn(node, [script, ...process.argv.slice(2)], {
    // The IPC channel closes when this process ends, even after SIGKILL; the program then ends, too.
    stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
    env: { ...process.env, [STARTED_BY_OLDER_NODE]: '1', PATH: searchPath },
  });
  for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP']))
    process.on(signal, () => child.kill(signal));
  return waitForExit(child);
}

/**
 * Runs the program under a newer Node.js if this one is older than `engines` in package.json allows, and waits for it.
 * Call it before importing anything that needs the newer version, which is downloaded once from the npm registry and
 * pinned, with its digest, in node-releases.json.
 * @param {string} url the program's `import.meta.url`
 * @returns {Promise<boolean>} true if this Node.js is too old: the program has run, or the download failed, and
 *   `process.exitCode` is set. False if the caller must go on
 */
export async function runUnderNewerNode(url) {
  if (isNewEnough()) {
    if (process.env[STARTED_BY_OLDER_NODE] && process.channel) {
      delete process.env[STARTED_BY_OLDER_NODE];
      process.channel.unref();
      process.on('disconnect', () => process.kill(process.pid, 'SIGTERM'));
    }
    return false;
  }
  try {
    process.exitCode = await runUnder(await downloadNode(), fileURLToPath(url));
  } catch (error) {
    const { major } = readMinimumVersion();
    const reason = error instanceof Error ? error.message : error;
    console.error(
      `Stagedoor needs Node ${major} or newer. This is Node ${process.versions.node}, and a newer version couldn't be downloaded: ${reason}.`,
    );
    process.exitCode = 1;
  }
  return true;
}
