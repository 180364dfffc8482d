import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { findNodeRelease, installNode, type NodeRelease } from './node-version.mjs';

const ROOT = path.dirname(import.meta.dirname);
const PLATFORMS = ['linux-x64', 'linux-arm64', 'darwin-x64', 'darwin-arm64', 'win32-x64'];

describe('findNodeRelease', () => {
  const { engines } = JSON.parse(readFileSync(path.join(ROOT, 'package.json'), 'utf8'));
  const minimum = Number(/^>=(\d+)$/.exec(engines.node)?.[1]);

  it.each(PLATFORMS)('pins a version for %s that package.json accepts, with its SHA-512', (platform) => {
    const [system = '', architecture = ''] = platform.split('-');
    const release = findNodeRelease(system, architecture);
    expect(release?.version).toMatch(/^\d+\.\d+\.\d+$/);
    expect(Number.parseInt(release?.version ?? '', 10)).toBe(minimum);
    expect(release?.integrity).toMatch(/^sha512-[\w+/]{86}==$/);
  });

  it('returns undefined for a platform without a package', () => {
    expect(findNodeRelease('sunos', 'x64')).toBeUndefined();
  });
});

/** Packs a package that has Node.js's name and version, and other contents. */
async function packProgram(folder: string, { name, version }: NodeRelease): Promise<Buffer> {
  await mkdir(path.join(folder, 'package/bin'), { recursive: true });
  await writeFile(path.join(folder, 'package/package.json'), JSON.stringify({ name, version }));
  await writeFile(path.join(folder, 'package/bin/node'), 'another program');
  const { stdout } = await promisify(execFile)('tar', ['-cz', 'package'], {
    cwd: folder,
    encoding: 'buffer',
  });
  return stdout;
}

/** Serves the same content for every path, as a registry that an attacker controls. */
async function startRegistry(content: Buffer): Promise<string> {
  const server = createServer((_, response) => response.end(content)).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  onTestFinished(() => void server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
}

describe('installNode', () => {
  it('installs a package with the pinned digest, and refuses any other content', async () => {
    const folder = await mkdtemp(path.join(tmpdir(), 'stagedoor-node-'));
    onTestFinished(() => rm(folder, { recursive: true, force: true }));
    const release = findNodeRelease('linux', 'x64');
    if (!release) throw new Error('no release');
    const content = await packProgram(folder, release);
    vi.stubEnv('npm_config_registry', await startRegistry(content));
    vi.stubEnv('npm_config_cache', path.join(folder, 'cache'));
    vi.stubEnv('npm_config_loglevel', 'silent');
    vi.stubEnv('npm_config_fetch_retries', '0');
    const node = path.join(folder, 'node');
    const program = path.join(node, 'node_modules', release.name, 'bin/node');
    await expect(installNode(node, release)).rejects.toThrow('npm failed');
    expect(existsSync(program)).toBe(false);
    // Shows that the digest was the reason.
    const integrity = `sha512-${createHash('sha512').update(content).digest('base64')}`;
    await installNode(node, { ...release, integrity });
    expect(existsSync(program)).toBe(true);
  });
});
