import { setTimeout as delay } from 'node:timers/promises';
import { log } from '#lib/log.ts';
import { Line } from './line.ts';
import { type Connection, reasonOf } from './lookup.ts';

const FLUSH_EVERY_MS = 1_000;
/** A statement that takes longer holds the next one up; what it carried is then written again. */
const LONGEST_FLUSH_MS = 2_500;
const MOST_IN_A_STATEMENT = 10_000;
const TRIES_AT_THE_END = 10;
/** Accounts remembered while nothing can be written; further ones are noted at their next use. */
const MOST_REMEMBERED = 200_000;

/**
 * When each account was last used: kept in memory and written once a second, on a connection of its own, since
 * a write that waits would hold up the lookups behind it. A kill loses at most the last second.
 */
export class UsageRecord {
  #line: Line;
  /** By account; on this process's monotonic clock. Only an age is ever sent to the database. */
  #usedAt = new Map<string, number>();
  #flushing: Promise<void> = Promise.resolve();
  #timer: NodeJS.Timeout;
  #isFailing = false;

  constructor(databaseUrl: string) {
    this.#line = new Line(databaseUrl, {});
    this.#timer = setInterval(() => {
      this.#flushing = this.#flushing.then(() => this.#flush());
    }, FLUSH_EVERY_MS);
  }

  note(accountId: string): void {
    if (this.#usedAt.size < MOST_REMEMBERED || this.#usedAt.has(accountId)) {
      this.#usedAt.set(accountId, performance.now());
    }
  }

  /** Writes what is left, if that can be done within seconds, and stops. */
  async close(): Promise<void> {
    clearInterval(this.#timer);
    await this.#flushing;
    for (let tries = 1; this.#usedAt.size > 0 && tries <= TRIES_AT_THE_END; tries += 1) {
      if (tries > 1) await delay(100);
      await this.#flush();
    }
    this.#line.close();
  }

  async #flush(): Promise<void> {
    const { connection } = this.#line;
    if (this.#usedAt.size === 0 || !connection?.isOpen) return;
    const taken = [...this.#usedAt];
    this.#usedAt.clear();
    while (taken.length > 0) {
      const part = taken.splice(0, MOST_IN_A_STATEMENT);
      if (await this.#write(connection, part)) continue;
      this.#keep([...part, ...taken]);
      return;
    }
  }

  async #write(connection: Connection, part: [string, number][]): Promise<boolean> {
    const now = performance.now();
    const uses = part.map(([accountId, at]) => ({ accountId, secondsAgo: (now - at) / 1_000 }));
    const timer = setTimeout(() => connection.giveUp(), LONGEST_FLUSH_MS);
    try {
      const lost = connection.lost.then(() => Promise.reject(new Error('the connection was lost')));
      await Promise.race([connection.recordUse(uses), lost]);
      this.#isFailing = false;
      return true;
    } catch (error) {
      if (!this.#isFailing) log.warn('verifier.usage_not_written', { reason: reasonOf(error) });
      this.#isFailing = true;
      return false;
    } finally {
      clearTimeout(timer);
    }
  }

  /** For the next time, unless the account was used again meanwhile. */
  #keep(uses: [string, number][]): void {
    for (const [accountId, at] of uses) if (!this.#usedAt.has(accountId)) this.#usedAt.set(accountId, at);
  }
}
