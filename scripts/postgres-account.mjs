import { spawnSync } from 'node:child_process';
import { chownSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';

/**
 * Under which user PostgreSQL's programs run, and how they are started. PostgreSQL refuses to run as root, so
 * root hands it to an account that has no rights; anybody else runs it as themselves.
 *
 * @typedef {{
 *   own(file: string): void,
 *   wrap(program: string, args: string[]): { program: string, args: string[], uid?: number, gid?: number },
 * }} PostgresAccount `own` gives a file or folder to the account; `wrap` makes a command run under it
 */

/** @returns {{ uid: number, gid: number } | undefined} */
function unprivilegedAccount() {
  const lines = readFileSync('/etc/passwd', 'utf8').split('\n');
  for (const name of ['postgres', 'nobody']) {
    const [, , uid, gid] = lines.find((line) => line.startsWith(`${name}:`))?.split(':') ?? [];
    if (Number(uid) > 0) return { uid: Number(uid), gid: Number(gid) };
  }
  return undefined;
}

/**
 * Whether an account may pass every folder on the way, and read the file (enter the folder) at its end.
 * @param {string} file
 * @param {{ uid: number, gid: number }} account
 */
function canReach(file, account) {
  const allows = (/** @type {string} */ place, /** @type {number} */ right) => {
    const { uid, gid, mode } = statSync(place);
    const shift = uid === account.uid ? 6 : gid === account.gid ? 3 : 0;
    return ((mode >> shift) & right) === right;
  };
  if (!allows(file, statSync(file).isDirectory() ? 0o1 : 0o4)) return false;
  for (let folder = path.dirname(file); ; folder = path.dirname(folder)) {
    if (!allows(folder, 0o1)) return false;
    if (folder === path.dirname(folder)) return true;
  }
}

/** @param {string[]} options */
const setprivTakes = (options) =>
  spawnSync('setpriv', [...options, 'true'], { stdio: 'ignore', timeout: 5_000 }).status === 0;

// Linux only: when Node is killed, PostgreSQL gets the signal that stops it cleanly.
const WITH_PARENT = ['--pdeathsig', 'INT'];

/** @returns {PostgresAccount} */
function ordinaryAccount() {
  const own = () => {};
  if (process.platform !== 'linux' || !setprivTakes(WITH_PARENT))
    return { own, wrap: (program, args) => ({ program, args }) };
  return { own, wrap: (program, args) => ({ program: 'setpriv', args: [...WITH_PARENT, program, ...args] }) };
}

/**
 * @param {{ uid: number, gid: number }} account
 * @param {string[]} places
 * @returns {PostgresAccount}
 */
function accountOfRoot(account, places) {
  const own = (/** @type {string} */ file) => chownSync(file, account.uid, account.gid);
  const closed = places.find((place) => !canReach(place, account));
  const options = [`--reuid=${account.uid}`, `--regid=${account.gid}`, '--clear-groups', ...WITH_PARENT];
  // Just the right to pass and read what is closed to others, instead of moving or opening the folders.
  // (no_setuid_fixup: else the kernel forgets the right in access(2), by which initdb looks for its programs.)
  if (closed)
    options.push(
      ...[
        '--securebits',
        '+no_setuid_fixup',
        '--inh-caps',
        '+dac_override',
        '--ambient-caps',
        '+dac_override',
      ],
    );
  if (setprivTakes(options))
    return { own, wrap: (program, args) => ({ program: 'setpriv', args: [...options, program, ...args] }) };
  if (closed) {
    throw new Error(
      `PostgreSQL may not run as root, and no other user can read ${closed}: start Stagedoor as an ordinary user, open its folders to others (chmod a+rx), install util-linux (setpriv), or set DATABASE_URL.`,
    );
  }
  return { own, wrap: (program, args) => ({ program, args, uid: account.uid, gid: account.gid }) };
}

/** @param {string} cluster @returns {{ uid: number, gid: number } | undefined} */
const ownerOf = (cluster) => statSync(cluster, { throwIfNoEntry: false });

/**
 * Decides under which account PostgreSQL runs.
 * @param {string[]} places what that account must be able to read: programs, folders; all must exist
 * @param {string} cluster PostgreSQL's data folder, which may not exist yet
 * @returns {PostgresAccount}
 * @throws an Error with advice where no account will do
 */
export function choosePostgresAccount(places, cluster) {
  const owner = ownerOf(cluster);
  const self = process.getuid?.();
  if (self !== 0) {
    if (!owner || self === undefined || owner.uid === self) return ordinaryAccount();
    throw new Error(
      `The database in ${cluster} belongs to another user: start Stagedoor as that user (or as root), or choose another folder with STAGEDOOR_DATA.`,
    );
  }
  // A cluster that an ordinary user made stays theirs.
  const account = owner && owner.uid !== 0 ? owner : unprivilegedAccount();
  if (!account) {
    throw new Error(
      'PostgreSQL may not run as root, and there is no user "postgres" or "nobody" to run it instead: start Stagedoor as an ordinary user, or set DATABASE_URL.',
    );
  }
  return accountOfRoot(account, places);
}
