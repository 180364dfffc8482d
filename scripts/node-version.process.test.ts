import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { findNodeRelease, installNode } from './node-version.mjs';

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

/** Serves the same content for every path, as a registry that an attacker controls. */
async function startRegistry(content: Buffer): Promise<string> {
  const server = createServer((_, response) => response.end(content)).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  onTestFinished(() => void server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
}

describe('installNode', () => {
  it('refuses a package whose content is not the pinned one', async () => {
    const folder = await mkdtemp(path.join(tmpdir(), 'stagedoor-node-'));
    onTestFinished(() => rm(folder, { recursive: true, force: true }));
    vi.stubEnv('npm_config_registry', await startRegistry(await promisify(gzip)('another program')));
    vi.stubEnv('npm_config_cache', path.join(folder, 'cache'));
    vi.stubEnv('npm_config_loglevel', 'silent');
    vi.stubEnv('npm_config_fetch_retries', '0');
    const release = findNodeRelease('linux', 'x64');
    if (!release) throw new Error('no release');
    await expect(installNode(path.join(folder, 'node'), release)).rejects.toThrow('npm failed');
    expect(existsSync(path.join(folder, 'node/node_modules', release.name))).toBe(false);
  });
});
