import { randomBytes } from 'node:crypto';
import { appendFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { buildPostgresEnvironment } from '#db/embedded-postgres.ts';
import { choosePostgresAccount } from '#db/postgres-account.ts';
import { findFreePort } from '#db/processes.ts';
import { runQuietly } from '../../../scripts/terminal.ts';
import {
  type Parameters,
  type PostgresAccount,
  PostgresServer,
  pollUntil,
  query,
} from './postgres-server.ts';

/** Paths of PostgreSQL's programs. The embedded PostgreSQL has no pg_basebackup. */
export type PostgresPrograms = { initdb: string; postgres: string; pg_basebackup?: string };

/** A primary with synchronous standbys in one folder, set up as described in docs/explanation/scaling.md. */
export class ReplicatedPostgres {
  readonly primary: PostgresServer;
  readonly standbys: PostgresServer[] = [];
  #folder: string;
  #programs: PostgresPrograms;
  #account: PostgresAccount;
  #password: string;
  #parameters: Parameters;

  private constructor(
    options: { folder: string; programs: PostgresPrograms; parameters: Parameters },
    account: PostgresAccount,
    port: number,
  ) {
    this.#folder = options.folder;
    this.#programs = options.programs;
    this.#parameters = options.parameters;
    this.#account = account;
    this.#password = randomBytes(24).toString('base64url');
    this.primary = this.#createServer('primary', port);
  }

  /**
   * Starts the servers.
   * @param options `folder`: absolute path of an empty folder; `standbys`: names; `parameters`: PostgreSQL parameters
   * @throws with the output of PostgreSQL's programs
   */
  static async start(options: {
    folder: string;
    programs: PostgresPrograms;
    standbys: string[];
    parameters?: Parameters;
  }): Promise<ReplicatedPostgres> {
    const { folder, programs, standbys, parameters = {} } = options;
    const paths = [programs.initdb, programs.postgres, path.dirname(folder)];
    const account = choosePostgresAccount(paths, path.join(folder, 'primary'));
    account.changeOwner(folder);
    const replicated = new ReplicatedPostgres(
      { folder, programs, parameters },
      account,
      await findFreePort(),
    );
    try {
      await replicated.#createPrimary();
      for (const name of standbys) await replicated.#createStandby(name);
      await replicated.setReplication({
        synchronous_standby_names: `FIRST ${standbys.length} (${standbys.join(', ')})`,
        synchronous_commit: 'remote_apply',
      });
      return replicated;
    } catch (error) {
      await replicated.stop();
      throw error;
    }
  }

  /** Changes what commits wait for. Resolves once every standby is connected and has caught up. */
  async setReplication(settings: {
    synchronous_standby_names?: string;
    synchronous_commit?: string;
  }): Promise<void> {
    const { url } = this.primary;
    const changes = Object.entries(settings).map(([name, value]) => `alter system set ${name} = '${value}'`);
    await query(url, ...changes, 'select pg_reload_conf()');
    for (const [name, value] of Object.entries(settings)) {
      await pollUntil(url, `current_setting('${name}') = '${value}'`);
    }
    // A standby gets a priority (with ANY: becomes part of the quorum) only once its WAL sender has read the setting.
    await pollUntil(
      url,
      `select count(*) = ${this.standbys.length} and bool_and(state = 'streaming' and sync_priority > 0
         and replay_lsn >= pg_current_wal_flush_lsn()) from pg_stat_replication`,
    );
  }

  /** Stops all servers immediately. The caller deletes the folder. */
  async stop(): Promise<void> {
    // Stop standbys first, so that none loses its primary while it runs.
    for (const server of [...this.standbys, this.primary]) await server.stop('immediate');
  }

  #createServer(name: string, port: number): PostgresServer {
    const cluster = path.join(this.#folder, name);
    const { postgres: program } = this.#programs;
    return new PostgresServer({ cluster, port, password: this.#password, account: this.#account, program });
  }

  async #run(command: string, args: string[], environment: Record<string, string> = {}): Promise<void> {
    const { program, args: wrappedArgs, ...ids } = this.#account.wrap(command, args);
    await runQuietly(program, wrappedArgs, {
      cwd: this.#folder,
      env: { ...buildPostgresEnvironment(), ...environment },
      ...ids,
    });
  }

  async #createPrimary(): Promise<void> {
    const file = path.join(this.#folder, 'password');
    await writeFile(file, this.#password, { mode: 0o600 });
    this.#account.changeOwner(file);
    const { cluster, url } = this.primary;
    const options = ['--username=stagedoor', `--pwfile=${file}`, '--auth=scram-sha-256'];
    await this.#run(this.#programs.initdb, [
      '--pgdata',
      cluster,
      ...options,
      '--encoding=UTF8',
      '--no-locale',
    ]);
    await this.primary.start(this.#parameters);
    await query(
      url.replace(/stagedoor$/, 'postgres'),
      'create database stagedoor',
      `create role replicator login replication password '${this.#password}'`,
    );
  }

  async #createStandby(name: string): Promise<void> {
    const standby = this.#createServer(name, await findFreePort());
    if (this.#programs.pg_basebackup) await this.#backUp(name, standby, this.#programs.pg_basebackup);
    else await this.#copyPrimary(name, standby);
    await standby.start(this.#parameters);
    this.standbys.push(standby);
  }

  #buildConninfo(name: string): string {
    return `host=127.0.0.1 port=${this.primary.port} user=replicator application_name=${name}`;
  }

  /** Runs pg_basebackup. `--write-recovery-conf` writes standby.signal and the connection, including the slot. */
  async #backUp(name: string, { cluster }: PostgresServer, program: string): Promise<void> {
    const options = ['--write-recovery-conf', '--create-slot', `--slot=${name}`, '--checkpoint=fast'];
    await this.#run(program, ['--dbname', this.#buildConninfo(name), '--pgdata', cluster, ...options], {
      PGPASSWORD: this.#password,
    });
  }

  /** Stops the primary, copies its files without the slot, and starts it again. */
  async #copyPrimary(name: string, { cluster }: PostgresServer): Promise<void> {
    await query(this.primary.url, `select pg_create_physical_replication_slot('${name}', true)`);
    await this.primary.stop('fast');
    await this.#run('cp', ['-a', this.primary.cluster, cluster]);
    await rm(path.join(cluster, 'pg_replslot', name), { recursive: true });
    const conninfo = `${this.#buildConninfo(name)} password=${this.#password}`;
    const lines = [`primary_conninfo = '${conninfo}'`, `primary_slot_name = '${name}'`, ''];
    await appendFile(path.join(cluster, 'postgresql.auto.conf'), lines.join('\n'));
    await writeFile(path.join(cluster, 'standby.signal'), '', { mode: 0o600 });
    this.#account.changeOwner(path.join(cluster, 'standby.signal'));
    await this.primary.start(this.#parameters);
  }
}
