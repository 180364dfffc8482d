import type { OldKeyChoice } from '#lib/api-accounts/schema.ts';
import type { RevealSnapshot } from './reveal-snapshot.ts';

// The documented limits. They are repeated here so that the model does not depend on lib/key-delivery/reveal/limits.ts.
const CODE_SECONDS = 600;
const LINK_SECONDS = 86_400;
const SECONDS_BETWEEN_CODES = 30;
const ATTEMPTS_PER_CODE = 5;
const ATTEMPTS_PER_LINK = 25;
const NEW_CODES_PER_LINK = 5;
const RETRY_SECONDS = 120;
const MAX_OLD_KEY_HOURS = 168;

type Contact = { email: string; phone: string };
type AccountFields = Contact & { active: boolean; version: number };

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
  /** Generation of the code that an administrator read out, and the request that it was shown to. Null if none was. */
  readOut: { generation: number; requestId: string } | null;
  endReason: 'shown' | 'replaced' | 'locked' | null;
  /** Until when the browser that collected the key can fetch it again; null if it cannot. */
  repeatableUntil: number | null;
};
/** A key that a reset lets work for longer. */
type ModelOldKey = {
  /** The link that has shown it. */
  link: ModelLink;
  endsOn: 'collection' | 'first_use' | null;
  expiresAt: number;
};

/** The verifier's response to a key: its status if it is allowed, otherwise the code of the problem. */
export type KeyResponse =
  | 'current'
  | 'previous'
  | 'invalid_key'
  | 'inactive_account'
  | 'expired_account'
  | 'network_not_allowed'
  | 'insufficient_scope';

export type ModelMessage = {
  /** The message's id; empty until it is known. */
  id: string;
  link: ModelLink;
  /** Generation of the code in an SMS; null for an email. */
  generation: number | null;
  state: 'queued' | 'sent' | 'failed' | 'dropped';
  attempts: number;
};

/** The expected state of an account and its reveals, computed from a few rules without a database and a clock. */
export class RevealModel {
  /** Seconds since the account was created. */
  now = 0;
  account: AccountFields;
  /** What each administrator's editor shows. */
  editors: [AccountFields, AccountFields];
  /** The link that has shown the current key, and the previous key, which still works. */
  currentKey: ModelLink | null = null;
  oldKey: ModelOldKey | null = null;
  /** When the account expires, in seconds since its creation; null if it does not. */
  expiresAt: number | null = null;
  /** Whether the account has the scope that `verify` requires, and allows the network from which it sends requests. */
  hasScope = true;
  isNetworkAllowed = true;
  /** How many old keys have ended. */
  endedOldKeys = 0;
  links: ModelLink[] = [];
  messages: ModelMessage[] = [];
  /** Number of audit events by action. */
  auditEvents: Record<string, number> = {};

  constructor(contact: Contact) {
    this.account = { ...contact, active: true, version: 1 };
    this.editors = [this.account, this.account];
    this.countEvent('api_account.created');
    this.#startReveal();
  }

  get hasKey(): boolean {
    return this.currentKey !== null;
  }

  get isExpired(): boolean {
    return this.expiresAt !== null && this.now >= this.expiresAt;
  }

  /**
   * Saves another expiry with an editor that shows the current version. An old key that the former expiry has ended does
   * not work again.
   */
  setExpiry(administrator: 0 | 1, expiresAt: number | null): void {
    if (this.oldKey) {
      this.oldKey.expiresAt = Math.min(this.oldKey.expiresAt, this.expiresAt ?? Number.POSITIVE_INFINITY);
      if (this.now >= this.oldKey.expiresAt) this.endOldKey();
    }
    this.expiresAt = expiresAt;
    this.account = { ...this.account, version: this.account.version + 1 };
    this.editors[administrator] = this.account;
    this.countEvent('api_account.edited');
  }

  /** Saves other scopes or networks with an editor that shows the current version. */
  setAccess(
    administrator: 0 | 1,
    access: Partial<Pick<RevealModel, 'hasScope' | 'isNetworkAllowed'>>,
    isChanged: boolean,
  ): void {
    Object.assign(this, access);
    if (!isChanged) return;
    this.account = { ...this.account, version: this.account.version + 1 };
    this.editors[administrator] = this.account;
    this.countEvent('api_account.edited');
  }

  /** Moves the clock. */
  passTime(seconds: number): void {
    this.now += seconds;
    if (this.oldKey && this.now >= this.oldKey.expiresAt) this.endOldKey();
  }

  /** Ends the old key; returns whether there was one. */
  endOldKey(): boolean {
    if (!this.oldKey) return false;
    this.oldKey = null;
    this.endedOldKeys += 1;
    return true;
  }

  /** Reports the key that a link has shown as leaked. Only that key ends. */
  reportLeak(linkId: string): void {
    if (this.currentKey?.id === linkId) {
      this.currentKey.repeatableUntil = null;
      this.currentKey = null;
    } else if (this.oldKey?.link.id !== linkId || !this.endOldKey()) return;
    this.countEvent('api_key.leaked');
  }

  /** Returns how a verifier responds to the key that a link has shown. */
  getKeyResponse(linkId: string): KeyResponse {
    const isCurrent = this.currentKey?.id === linkId;
    if (!isCurrent && this.oldKey?.link.id !== linkId) return 'invalid_key';
    if (!this.account.active) return 'inactive_account';
    if (this.isExpired) return 'expired_account';
    if (!this.isNetworkAllowed) return 'network_not_allowed';
    if (!this.hasScope) return 'insufficient_scope';
    return isCurrent ? 'current' : 'previous';
  }

  /** Sends a request with the current key. */
  sendRequest(): void {
    const isAllowed = this.currentKey !== null && this.getKeyResponse(this.currentKey.id) === 'current';
    if (isAllowed && this.oldKey?.endsOn === 'first_use') this.endOldKey();
  }

  /** Ends that a key can be fetched again: its account was deactivated. */
  #endRepeats(): void {
    for (const link of this.links) link.repeatableUntil = null;
  }

  /** Counts an expected audit event. */
  countEvent(action: string): void {
    this.auditEvents[action] = (this.auditEvents[action] ?? 0) + 1;
  }

  #startReveal(): void {
    const { now } = this;
    const { email, phone } = this.account;
    const last = this.links.at(-1);
    if (last) last.endReason ??= 'replaced';
    const times = { expiresAt: now + LINK_SECONDS, codeIssuedAt: now, codeExpiresAt: now + CODE_SECONDS };
    const counts = { generation: 1, codeAttempts: 0, linkAttempts: 0, newCodes: 0, readOut: null };
    const link = { id: '', email, phone, ...times, ...counts, endReason: null, repeatableUntil: null };
    this.links.push(link);
    this.#queueMessage(link, null);
    this.#queueMessage(link, 1);
    this.countEvent('reveal.started');
  }

  #queueMessage(link: ModelLink, generation: number | null): void {
    this.messages.push({ id: '', link, generation, state: 'queued', attempts: 0 });
  }

  getState(link: ModelLink): 'open' | 'used' | 'invalid_link' {
    if (link !== this.links.at(-1)) return 'invalid_link';
    if (link.endReason) return link.endReason === 'shown' ? 'used' : 'invalid_link';
    return this.now < link.expiresAt ? 'open' : 'invalid_link';
  }

  /** Returns the result of submitting a wrong code. The code is compared only if that is 'wrong_code'. */
  #getWrongCodeResult(link: ModelLink): string {
    const state = this.getState(link);
    if (state !== 'open') return state;
    if (this.now >= link.codeExpiresAt) return 'code_expired';
    return link.codeAttempts === ATTEMPTS_PER_CODE ? 'too_many_attempts' : 'wrong_code';
  }

  /** Returns the result of submitting a malformed code, which consumes no attempt. */
  mistype(link: ModelLink): string {
    const state = this.getState(link);
    return state === 'open' ? 'malformed' : state;
  }

  /**
   * Returns the result of submitting a six-digit code; 'shown' for a key.
   * @param isEarlier whether a wrong code is an earlier one of the link
   */
  guess(link: ModelLink, isRight: boolean, isEarlier = false): string {
    if (this.#getWrongCodeResult(link) !== 'wrong_code') return this.#getWrongCodeResult(link);
    link.codeAttempts += 1;
    link.linkAttempts += 1;
    if (isRight) {
      link.endReason = 'shown';
      link.repeatableUntil = this.now + RETRY_SECONDS;
      this.currentKey = link;
      if (this.oldKey?.endsOn === 'collection') this.endOldKey();
      this.countEvent('api_key.shown');
      return 'shown';
    }
    this.countEvent('reveal.wrong_code');
    if (link.linkAttempts === ATTEMPTS_PER_LINK) {
      link.endReason = 'locked';
      this.countEvent('reveal.locked');
    }
    const result = this.#getWrongCodeResult(link);
    return result === 'wrong_code' && isEarlier ? 'replaced_code' : result;
  }

  /** Returns the result of submitting again without a code, from the browser that collected the key. */
  repeat(link: ModelLink): string {
    const state = this.mistype(link);
    if (state !== 'used' || link.repeatableUntil === null || this.now >= link.repeatableUntil) return state;
    this.countEvent('api_key.shown_again');
    return 'shown';
  }

  requestNewCode(link: ModelLink): string {
    if (this.getState(link) !== 'open') return this.getState(link);
    if (link.newCodes === NEW_CODES_PER_LINK) return 'no_codes_left';
    if (this.now < link.codeIssuedAt + SECONDS_BETWEEN_CODES) return 'too_soon';
    link.newCodes += 1;
    link.codeIssuedAt = this.now;
    this.#issueCode(link);
    this.#queueMessage(link, link.generation);
    this.countEvent('reveal.new_code');
    return 'sent';
  }

  /** Returns the result of reading a code out; 'shown' for a code. */
  readOut(link: ModelLink, requestId: string): string {
    const state = this.getState(link);
    if (state !== 'open') return link === this.links.at(-1) ? 'not_in_progress' : 'replaced';
    if (link.readOut) {
      const { readOut, generation, codeIssuedAt } = link;
      const isRepeat = readOut.requestId === requestId && readOut.generation === generation;
      if (!isRepeat || this.now >= codeIssuedAt + RETRY_SECONDS) return 'already_read_out';
      this.countEvent('reveal.code_read_out_again');
      return 'shown';
    }
    link.codeIssuedAt = this.now;
    this.#issueCode(link);
    link.readOut = { generation: link.generation, requestId };
    for (const message of this.messages) {
      if (message.link === link && message.generation !== null && message.state === 'queued')
        message.state = 'dropped';
    }
    this.countEvent('reveal.code_read_out');
    return 'shown';
  }

  #issueCode(link: ModelLink): void {
    link.generation += 1;
    link.codeAttempts = 0;
    link.codeExpiresAt = this.now + CODE_SECONDS;
  }

  reset(choice: OldKeyChoice): void {
    const isKept = choice !== 'immediately' && this.account.active && !this.isExpired;
    if (!isKept || this.currentKey) this.endOldKey();
    if (isKept) this.#keepOldKey(choice);
    this.currentKey = null;
    this.countEvent('api_key.reset');
    this.#startReveal();
  }

  #keepOldKey(choice: Exclude<OldKeyChoice, 'immediately'>): void {
    const hours = typeof choice === 'object' ? choice.hours : MAX_OLD_KEY_HOURS;
    const expiresAt = this.now + hours * 3_600;
    const endsOn = choice === 'on_collection' ? 'collection' : choice === 'on_first_use' ? 'first_use' : null;
    if (this.currentKey) this.oldKey = { link: this.currentKey, endsOn, expiresAt };
    else if (this.oldKey)
      this.oldKey = { ...this.oldKey, endsOn, expiresAt: Math.min(this.oldKey.expiresAt, expiresAt) };
  }

  /**
   * Returns the result of saving these changes to what the administrator's editor shows. 'restarted': a new reveal
   * started. 'changed': nothing was saved, because the editor showed an outdated version; now it shows the current one.
   */
  save(administrator: 0 | 1, changes: Partial<AccountFields>): 'saved' | 'restarted' | 'changed' {
    const [shown, before] = [this.editors[administrator], this.account];
    const isStale = shown.version !== before.version;
    const after = isStale ? before : { ...shown, ...changes };
    const isContactChanged = before.email !== after.email || before.phone !== after.phone;
    if (isContactChanged) this.countEvent('api_account.edited');
    if (!isStale && !after.active) this.#endRepeats();
    if (before.active && !after.active) this.endOldKey();
    if (before.active !== after.active) {
      this.countEvent(after.active ? 'api_account.reactivated' : 'api_account.deactivated');
    }
    if (isContactChanged || before.active !== after.active) {
      this.account = { ...after, version: before.version + 1 };
    }
    this.editors[administrator] = this.account;
    if (isStale) return 'changed';
    const last = this.links.at(-1);
    if (!isContactChanged || !last || this.getState(last) !== 'open') return 'saved';
    this.#startReveal();
    return 'restarted';
  }

  /** Returns whether a worker that starts an attempt now sends the message. */
  prepareMessage(message: ModelMessage): boolean {
    const { link, generation } = message;
    const isSms = generation !== null;
    if (message.state !== 'queued') return false;
    const isSuperseded = isSms && generation !== link.generation;
    if (this.getState(link) !== 'open' || isSuperseded) {
      message.state = 'dropped';
      return false;
    }
    // The lifetime of a code starts with the first attempt to send it.
    if (isSms && message.attempts === 0) link.codeExpiresAt = this.now + CODE_SECONDS;
    if (isSms && this.now >= link.codeExpiresAt) this.#issueCode(link);
    if (isSms) message.generation = link.generation;
    message.attempts += 1;
    return true;
  }

  /** Copies the ids of new rows from the database into the model. */
  adoptIds({ account, messages }: RevealSnapshot): void {
    const last = this.links.at(-1);
    if (last) last.id ||= account.revealId;
    for (const [index, message] of this.messages.entries()) message.id ||= messages[index]?.id ?? '';
  }
}
