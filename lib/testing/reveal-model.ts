import type { RevealSnapshot } from './reveal-snapshot.ts';

// The documented limits. Deliberately not imported from lib/key-delivery/reveal/limits.ts.
const CODE_SECONDS = 600;
const LINK_SECONDS = 86_400;
const SECONDS_BETWEEN_CODES = 30;
const ATTEMPTS_PER_CODE = 5;
const ATTEMPTS_PER_LINK = 25;
const NEW_CODES_PER_LINK = 5;

type Contact = { email: string; phone: string };
type Fields = Contact & { active: boolean; version: number };

export type ModelLink = Contact & {
  /** The reveal's id; empty until it is known. */
  id: string;
  expiresAt: number;
  codeIssuedAt: number;
  codeExpiresAt: number;
  generation: number;
  codeAttempts: number;
  linkAttempts: number;
  newCodes: number;
  ended: 'shown' | 'replaced' | 'locked' | null;
};
export type ModelMessage = {
  id: string;
  link: ModelLink;
  generation: number | null;
  state: 'queued' | 'sent' | 'failed' | 'dropped';
  attempts: number;
};

/** Expected state of an account and its reveals, from a few simple rules: no database, and no clock but `now`. */
export class RevealModel {
  /** Seconds since the account was created. */
  now = 0;
  account: Fields;
  /** What each administrator's editor shows. */
  editors: [Fields, Fields];
  hasKey = false;
  links: ModelLink[] = [];
  messages: ModelMessage[] = [];
  /** Number of audit events by action. */
  auditEvents: Record<string, number> = {};

  constructor(contact: Contact) {
    this.account = { ...contact, active: true, version: 1 };
    this.editors = [this.account, this.account];
    this.countEvent('api_account.created');
    this.#start();
  }

  countEvent(action: string): void {
    this.auditEvents[action] = (this.auditEvents[action] ?? 0) + 1;
  }

  #start(): void {
    const { now } = this;
    const { email, phone } = this.account;
    const last = this.links.at(-1);
    if (last) last.ended ??= 'replaced';
    const times = { expiresAt: now + LINK_SECONDS, codeIssuedAt: now, codeExpiresAt: now + CODE_SECONDS };
    const counts = { generation: 1, codeAttempts: 0, linkAttempts: 0, newCodes: 0 };
    const link = { id: '', email, phone, ...times, ...counts, ended: null };
    this.links.push(link);
    this.#queue(link, null);
    this.#queue(link, 1);
    this.countEvent('reveal.started');
  }

  #queue(link: ModelLink, generation: number | null): void {
    this.messages.push({ id: '', link, generation, state: 'queued', attempts: 0 });
  }

  stateOf(link: ModelLink): 'open' | 'used' | 'ended' {
    if (link !== this.links.at(-1)) return 'ended';
    if (link.ended) return link.ended === 'shown' ? 'used' : 'ended';
    return this.now < link.expiresAt ? 'open' : 'ended';
  }

  #refusal(link: ModelLink): string {
    const state = this.stateOf(link);
    if (state !== 'open') return state;
    if (this.now >= link.codeExpiresAt) return 'code_expired';
    return link.codeAttempts === ATTEMPTS_PER_CODE ? 'too_many_attempts' : 'wrong';
  }

  /** Returns the result of submitting a malformed code, which consumes no attempt. */
  mistype(link: ModelLink): string {
    const state = this.stateOf(link);
    return state === 'open' ? 'malformed' : state;
  }

  /** Returns the result of submitting a six-digit code; 'shown' for a key. */
  guess(link: ModelLink, isRight: boolean): string {
    if (this.#refusal(link) !== 'wrong') return this.#refusal(link);
    link.codeAttempts += 1;
    link.linkAttempts += 1;
    if (isRight) {
      link.ended = 'shown';
      this.hasKey = true;
      this.countEvent('api_key.shown');
      return 'shown';
    }
    this.countEvent('reveal.wrong_code');
    if (link.linkAttempts === ATTEMPTS_PER_LINK) {
      link.ended = 'locked';
      this.countEvent('reveal.locked');
    }
    return this.#refusal(link);
  }

  requestNewCode(link: ModelLink): string {
    if (this.stateOf(link) !== 'open') return 'ended';
    if (link.newCodes === NEW_CODES_PER_LINK) return 'none_left';
    if (this.now < link.codeIssuedAt + SECONDS_BETWEEN_CODES) return 'too_soon';
    link.newCodes += 1;
    link.codeIssuedAt = this.now;
    this.#issueCode(link);
    this.#queue(link, link.generation);
    this.countEvent('reveal.new_code');
    return 'sent';
  }

  #issueCode(link: ModelLink): void {
    link.generation += 1;
    link.codeAttempts = 0;
    link.codeExpiresAt = this.now + CODE_SECONDS;
  }

  reset(): void {
    this.hasKey = false;
    this.countEvent('api_key.reset');
    this.#start();
  }

  /** Returns the result of saving these changes to what the administrator's editor shows. */
  save(administrator: 0 | 1, changes: Partial<Fields>): 'saved' | 'restarted' | 'changed' {
    const [seen, before] = [this.editors[administrator], this.account];
    const isStale = seen.version !== before.version;
    const after = isStale ? before : { ...seen, ...changes };
    const contactChanged = before.email !== after.email || before.phone !== after.phone;
    if (contactChanged) this.countEvent('api_account.edited');
    if (before.active !== after.active) {
      this.countEvent(after.active ? 'api_account.reactivated' : 'api_account.deactivated');
    }
    if (contactChanged || before.active !== after.active) {
      this.account = { ...after, version: before.version + 1 };
    }
    this.editors[administrator] = this.account;
    if (isStale) return 'changed';
    const last = this.links.at(-1);
    if (!contactChanged || !last || this.stateOf(last) !== 'open') return 'saved';
    this.#start();
    return 'restarted';
  }

  /** Returns whether the worker has something to send when it takes up a message. */
  prepare(message: ModelMessage): boolean {
    const { link, generation } = message;
    if (message.state !== 'queued') return false;
    const isSuperseded = generation !== null && generation !== link.generation;
    if (this.stateOf(link) !== 'open' || isSuperseded) {
      message.state = 'dropped';
      return false;
    }
    if (generation !== null && message.attempts === 0) link.codeExpiresAt = this.now + CODE_SECONDS;
    if (generation !== null && this.now >= link.codeExpiresAt) this.#issueCode(link);
    if (generation !== null) message.generation = link.generation;
    message.attempts += 1;
    return true;
  }

  /** Copies the ids of new rows from the database. */
  adoptIds({ account, messages }: RevealSnapshot): void {
    const last = this.links.at(-1);
    if (last) last.id ||= account.revealId;
    for (const [index, message] of this.messages.entries()) message.id ||= messages[index]?.id ?? '';
  }
}
