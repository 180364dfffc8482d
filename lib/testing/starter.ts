import { type ChildProcess, spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

export const ROOT = path.join(import.meta.dirname, '../..');
const RUNNING = 'Press Ctrl-C to stop.';

/** A blank variable counts as unset, and takes precedence over a developer's `.env`. */
const NO_SETTINGS = Object.fromEntries(
  [
    'DATABASE_URL',
    'AUTH_SECRET',
    'PUBLIC_URL',
    'HOST',
    'FIRST_ADMIN_EMAIL',
    'FIRST_ADMIN_PASSWORD',
    'RESEND_API_KEY',
    'RESEND_WEBHOOK_SECRET',
    'SMTP_URL',
    'EMAIL_FROM',
    'SMS_PROVIDER',
    'SNS_DELIVERY_LOG_GROUP',
    'TWILIO_ACCOUNT_SID',
    'TWILIO_API_KEY_SECRET',
    'TWILIO_API_KEY_SID',
    'TWILIO_AUTH_TOKEN',
    'TWILIO_BASE_URL',
    'TWILIO_FROM',
    'REQUESTS_PER_MINUTE',
    'TRUSTED_PROXIES',
    'UNKNOWN_KEYS_PER_MINUTE',
    'VERIFIER_DATABASE_URL',
    'VERIFIER_TRUSTED_PROXIES',
  ].map((name) => [name, '']),
);

/** Lists the command lines of processes whose environment contains a text, such as the name of the test's folder. */
export function processesOf(text: string): string[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .flatMap((pid) => {
      try {
        const environment = readFileSync(`/proc/${pid}/environ`, 'utf8');
        return environment.includes(text)
          ? [readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ')]
          : [];
      } catch {
        // The process has ended meanwhile.
        return [];
      }
    });
}

/** Runs Stagedoor as `npm start` does. */
export class Starter {
  readonly child: ChildProcess;
  readonly ended: Promise<number | null>;
  output = '';
  #running: Promise<void>;

  /** @param prefix command that runs it, such as one that changes the user */
  constructor(environment: Record<string, string>, args: string[] = [], prefix: string[] = []) {
    const [program = process.execPath, ...rest] = [...prefix, process.execPath, 'scripts/start.mjs', ...args];
    const { PATH = '', HOME = '' } = process.env;
    this.child = spawn(program, rest, {
      cwd: ROOT,
      env: { NODE_ENV: 'production', PATH, HOME, TZ: 'Asia/Kathmandu', ...NO_SETTINGS, ...environment },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.ended = new Promise((resolve) => this.child.once('close', resolve));
    this.#running = new Promise((resolve, reject) => {
      for (const stream of [this.child.stdout, this.child.stderr])
        stream?.setEncoding('utf8').on('data', (text: string) => {
          this.output += text;
          if (this.output.includes(RUNNING)) resolve();
        });
      this.child.once('close', (code) => reject(new Error(`ended with ${code}: ${this.output}`)));
    });
    // Prevents an unhandled rejection if the test does not call `running`.
    this.#running.catch(() => {});
  }

  /** Resolves when all services are running; rejects if the process ends before. */
  running(): Promise<void> {
    return this.#running;
  }

  /** Sends a signal; resolves with the exit code. */
  async stop(signal: NodeJS.Signals = 'SIGINT'): Promise<number | null> {
    this.child.kill(signal);
    return this.ended;
  }
}
