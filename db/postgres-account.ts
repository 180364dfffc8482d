import { spawnSync } from 'node:child_process';
import { chownSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';

export type Command = { program: string; args: string[]; uid?: number; gid?: number };

/**
 * The operating system account that PostgreSQL runs as. PostgreSQL refuses to run as root, so root uses an
 * unprivileged account. Any other user runs it under their own account.
 */
export type PostgresAccount = {
  /** Changes the owner of a file or folder to the account. */
  changeOwner(file: string): void;
  /** Wraps a command so that it runs as the account. */
  wrap(program: string, args: string[]): Command;
};

/** Options of setpriv (Linux): when Node.js is killed, PostgreSQL receives the signal for a fast shutdown. */
const PARENT_DEATH_SIGNAL = ['--pdeathsig', 'INT'];
/** Options of setpriv that give access to all files. */
const DAC_OVERRIDE = ['--inh-caps', '+dac_override', '--ambient-caps', '+dac_override'];

const canRunSetpriv = (options: string[]) =>
  spawnSync('setpriv', [...options, 'true'], { stdio: 'ignore', timeout: 5_000 }).status === 0;

function findUnprivilegedAccount(): { uid: number; gid: number } | undefined {
  const lines = readFileSync('/etc/passwd', 'utf8').split('\n');
  for (const name of ['postgres', 'nobody']) {
    const [, , uid, gid] = lines.find((line) => line.startsWith(`${name}:`))?.split(':') ?? [];
    if (Number(uid) > 0) return { uid: Number(uid), gid: Number(gid) };
  }
  return undefined;
}

/** Reports whether an account can read a file or enter a folder, and can enter every folder above it. */
function canReach(file: string, account: { uid: number; gid: number }): boolean {
  const allows = (target: string, permission: number) => {
    const { uid, gid, mode } = statSync(target);
    const shift = uid === account.uid ? 6 : gid === account.gid ? 3 : 0;
    return ((mode >> shift) & permission) === permission;
  };
  if (!allows(file, statSync(file).isDirectory() ? 0o1 : 0o4)) return false;
  for (let folder = path.dirname(file); ; folder = path.dirname(folder)) {
    if (!allows(folder, 0o1)) return false;
    if (folder === path.dirname(folder)) return true;
  }
}

function getCurrentAccount(): PostgresAccount {
  const changeOwner = () => {};
  if (process.platform !== 'linux' || !canRunSetpriv(PARENT_DEATH_SIGNAL))
    return { changeOwner, wrap: (program, args) => ({ program, args }) };
  return {
    changeOwner,
    wrap: (program, args) => ({ program: 'setpriv', args: [...PARENT_DEATH_SIGNAL, program, ...args] }),
  };
}

function createAccountForRoot(
  account: { uid: number; gid: number },
  requiredPaths: string[],
): PostgresAccount {
  const changeOwner = (file: string) => chownSync(file, account.uid, account.gid);
  const unreachable = requiredPaths.find((file) => !canReach(file, account));
  const options = [
    `--reuid=${account.uid}`,
    `--regid=${account.gid}`,
    '--clear-groups',
    ...PARENT_DEATH_SIGNAL,
  ];
  // CAP_DAC_OVERRIDE gives access without a change of the folders' permissions. no_setuid_fixup keeps it effective in
  // access(2), with which initdb finds its executables.
  if (unreachable) options.push('--securebits', '+no_setuid_fixup', ...DAC_OVERRIDE);
  if (canRunSetpriv(options))
    return {
      changeOwner,
      wrap: (program, args) => ({ program: 'setpriv', args: [...options, program, ...args] }),
    };
  if (unreachable) {
    throw new Error(
      `PostgreSQL may not run as root, and no other user can read ${unreachable}: start Stagedoor as an ordinary user, open its folders to others (chmod a+rx), install util-linux (setpriv), or set DATABASE_URL.`,
    );
  }
  return { changeOwner, wrap: (program, args) => ({ program, args, uid: account.uid, gid: account.gid }) };
}

/**
 * Chooses the account that PostgreSQL runs as.
 * @param requiredPaths existing files and folders that the account must be able to read
 * @param cluster PostgreSQL's data folder, which may not exist yet
 * @throws if there is no suitable account; the message contains advice
 */
export function choosePostgresAccount(requiredPaths: string[], cluster: string): PostgresAccount {
  const owner = statSync(cluster, { throwIfNoEntry: false });
  const self = process.getuid?.();
  if (self !== 0) {
    if (!owner || self === undefined || owner.uid === self) return getCurrentAccount();
    throw new Error(
      `The database in ${cluster} belongs to another user: start Stagedoor as that user (or as root), or choose another folder with STAGEDOOR_DATA.`,
    );
  }
  // A cluster that an ordinary user created keeps its owner.
  const account = owner && owner.uid !== 0 ? owner : findUnprivilegedAccount();
  if (account) return createAccountForRoot(account, requiredPaths);
  throw new Error(
    'PostgreSQL may not run as root, and there is no system user `postgres` or `nobody` to run it instead. Start Stagedoor as an ordinary user, or set DATABASE_URL.',
  );
}
