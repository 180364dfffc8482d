import { randomBytes } from 'node:crypto';
import { appendFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { postgresEnvironment } from '#db/embedded-postgres.ts';
import { choosePostgresAccount } from '#db/postgres-account.ts';
import { freePort } from '#db/processes.ts';
import { runQuietly } from '../../../scripts/terminal.ts';
import { type Account, type Parameters, pollUntil, query, Server } from './postgres-server.ts';

/** Paths. Without pg_basebackup, which embedded PostgreSQL lacks, a standby is a copy of the stopped primary. */
export type PostgresPrograms = { initdb: string; postgres: string; pg_basebackup?: string };

/** A primary with synchronous standbys in one folder, set up as described in docs/explanation/scaling.md. */
export class ReplicatedPostgres {
  readonly primary: Server;
  readonly standbys: Server[] = [];
  #folder: string;
  #programs: PostgresPrograms;
  #account: Account;
  #password: string;
  #parameters: Parameters;

  private constructor(
    options: { folder: string; programs: PostgresPrograms; parameters: Parameters },
    account: Account,
    port: number,
  ) {
    this.#folder = options.folder;
    this.#programs = options.programs;
    this.#parameters = options.parameters;
    this.#account = account;
    this.#password = randomBytes(24).toString('base64url');
    this.primary = this.#server('primary', port);
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
    account.own(folder);
    const replicated = new ReplicatedPostgres({ folder, programs, parameters }, account, await freePort());
    try {
      await replicated.#createPrimary();
      for (const name of standbys) await replicated.#createStandby(name);
      await replicated.waitFor({
        synchronous_standby_names: `FIRST ${standbys.length} (${standbys.join(', ')})`,
        synchronous_commit: 'remote_apply',
      });
      return replicated;
    } catch (error) {
      await replicated.stop();
      throw error;
    }
  }

  /** Changes what commits wait for; resolves once every standby is connected and has caught up. */
  async waitFor(settings: {
    synchronous_standby_names?: string;
    synchronous_commit?: string;
  }): Promise<void> {
    const { url } = this.primary;
    const changes = Object.entries(settings).map(([name, value]) => `alter system set ${name} = '${value}'`);
    await query(url, ...changes, 'select pg_reload_conf()');
    for (const [name, value] of Object.entries(settings)) {
      await pollUntil(url, `current_setting('${name}') = '${value}'`);
    }
    // A standby has a priority (with ANY: is part of the quorum) only once its WAL sender has read the list.
    await pollUntil(
      url,
      `select count(*) = ${this.standbys.length} and bool_and(state = 'streaming' and sync_priority > 0
         and replay_lsn >= pg_current_wal_flush_lsn()) from pg_stat_replication`,
    );
  }

  /** Stops all servers immediately. The caller deletes the folder. */
  async stop(): Promise<void> {
    // Stop standbys first: a primary that shuts down waits for them.
    for (const server of [...this.standbys, this.primary]) await server.stop('immediate');
  }

  #server(name: string, port: number): Server {
    const cluster = path.join(this.#folder, name);
    const { postgres: program } = this.#programs;
    return new Server({ cluster, port, password: this.#password, account: this.#account, program });
  }

  async #run(command: string, args: string[], environment: Record<string, string> = {}): Promise<void> {
    const { program, args: all, ...ids } = this.#account.wrap(command, args);
    await runQuietly(program, all, {
      cwd: this.#folder,
      env: { ...postgresEnvironment(), ...environment },
      ...ids,
    });
  }

  async #createPrimary(): Promise<void> {
    const file = path.join(this.#folder, 'password');
    await writeFile(file, this.#password, { mode: 0o600 });
    this.#account.own(file);
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
    const standby = this.#server(name, await freePort());
    if (this.#programs.pg_basebackup) await this.#backUp(name, standby, this.#programs.pg_basebackup);
    else await this.#copy(name, standby);
    await standby.start(this.#parameters);
    this.standbys.push(standby);
  }

  #conninfo(name: string): string {
    return `host=127.0.0.1 port=${this.primary.port} user=replicator application_name=${name}`;
  }

  /** Runs pg_basebackup. `--write-recovery-conf` writes standby.signal and the connection, including the slot. */
  async #backUp(name: string, { cluster }: Server, program: string): Promise<void> {
    const options = ['--write-recovery-conf', '--create-slot', `--slot=${name}`, '--checkpoint=fast'];
    await this.#run(program, ['--dbname', this.#conninfo(name), '--pgdata', cluster, ...options], {
      PGPASSWORD: this.#password,
    });
  }

  async #copy(name: string, { cluster }: Server): Promise<void> {
    await query(this.primary.url, `select pg_create_physical_replication_slot('${name}', true)`);
    await this.primary.stop('fast');
    await this.#run('cp', ['-a', this.primary.cluster, cluster]);
    await rm(path.join(cluster, 'pg_replslot', name), { recursive: true });
    const conninfo = `${this.#conninfo(name)} password=${this.#password}`;
    const lines = [`primary_conninfo = '${conninfo}'`, `primary_slot_name = '${name}'`, ''];
    await appendFile(path.join(cluster, 'postgresql.auto.conf'), lines.join('\n'));
    await writeFile(path.join(cluster, 'standby.signal'), '', { mode: 0o600 });
    this.#account.own(path.join(cluster, 'standby.signal'));
    await this.primary.start(this.#parameters);
  }
}
