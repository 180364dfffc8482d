import { randomUUID } from 'node:crypto';
import { chmod, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import path from 'node:path';
import { UsageError } from './exit-codes.ts';

/** The address of Stagedoor, and an access token. */
export type Credentials = { url: string; token: string };

type Environment = Record<string, string | undefined>;

/** Returns the file in the user's configuration folder in which `login` stores the credentials. */
export function findConfigFile(env: Environment): string {
  const home = env.HOME ?? homedir();
  const folder =
    process.platform === 'win32'
      ? (env.APPDATA ?? path.join(home, 'AppData/Roaming'))
      : env.XDG_CONFIG_HOME || path.join(home, '.config');
  return path.join(folder, 'stagedoor', 'config.json');
}

/**
 * Parses the address of a Stagedoor.
 * @throws a UsageError if it is not one, or would send the token without encryption to another machine
 */
export function parseUrl(typed: string): string {
  const url = URL.parse(typed.includes('://') ? typed : `https://${typed}`);
  if (!url || !/^https?:$/.test(url.protocol))
    throw new UsageError(`"${typed}" isn't an address. Enter one like https://keys.example.com.`);
  const isLocal = /^(localhost|127(\.\d+){3}|\[::1\])$/.test(url.hostname);
  if (url.protocol === 'http:' && !isLocal)
    throw new UsageError(
      `Use https for ${url.host}: with http, everyone on the way can read the access token.`,
    );
  return url.origin;
}

/** Stores credentials that only this user can read. */
export async function storeCredentials(env: Environment, credentials: Credentials): Promise<string> {
  const file = findConfigFile(env);
  await mkdir(path.dirname(file), { recursive: true, mode: 0o700 });
  // A new file, because the mode of an existing one does not change when it is written.
  const temporary = `${file}.${randomUUID()}`;
  await writeFile(temporary, `${JSON.stringify(credentials, null, 2)}\n`, { mode: 0o600, flag: 'wx' });
  await chmod(temporary, 0o600);
  await rename(temporary, file);
  return file;
}

/** Deletes the stored credentials. */
export async function deleteCredentials(env: Environment): Promise<void> {
  await rm(findConfigFile(env), { force: true });
}

async function readStored(env: Environment): Promise<Partial<Credentials>> {
  const file = findConfigFile(env);
  const content = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return '{}';
    throw error;
  });
  try {
    return JSON.parse(content);
  } catch (cause) {
    throw new UsageError(`${file} isn't valid. Run stagedoor login again.`, { cause });
  }
}

/** Reads the address from STAGEDOOR_URL, or from what `login` stored. */
export async function readUrl(env: Environment): Promise<string> {
  const url = env.STAGEDOOR_URL || (await readStored(env)).url;
  if (!url) throw new UsageError('Run stagedoor login first, or set STAGEDOOR_URL.');
  return parseUrl(url);
}

/**
 * Reads the credentials from STAGEDOOR_URL and STAGEDOOR_TOKEN, or those that `login` stored.
 * @throws a UsageError if there are none, or if the stored token belongs to another address
 */
export async function readCredentials(env: Environment): Promise<Credentials> {
  const url = await readUrl(env);
  if (env.STAGEDOOR_TOKEN) return { url, token: env.STAGEDOOR_TOKEN };
  const stored = await readStored(env);
  // The token must not reach a server that it was not made for.
  if (!stored.token || stored.url !== url)
    throw new UsageError(`You aren't signed in to ${url}. Run stagedoor login, or set STAGEDOOR_TOKEN.`);
  return { url, token: stored.token };
}
