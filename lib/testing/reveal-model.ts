import type { RevealSnapshot } from './reveal-snapshot.ts';

/** What is promised, in seconds and times; on purpose not read from lib/key-delivery/reveal/limits.ts. */
const CODE_LASTS = 600;
const LINK_LASTS = 86_400;
const BETWEEN_CODES = 30;
const ATTEMPTS_PER_CODE = 5;
const ATTEMPTS_PER_LINK = 25;
const NEW_CODES = 5;

type Addresses = { email: string; phone: string };
type Fields = Addresses & { active: boolean; version: number };

export type ModelLink = Addresses & {
  /** The reveal's id; '' until it is known. */
  id: string;
  expiresAt: number;
  codeIssuedAt: number;
  codeExpiresAt: number;
  generation: number;
  codeTries: number;
  linkTries: number;
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

/** What an account and its reveals should be like: a few plain rules, with no database and no clock but `now`. */
export class RevealModel {
  /** Seconds since the account was created. */
  now = 0;
  account: Fields;
  /** What either administrator's editor shows. */
  editors: [Fields, Fields];
  hasKey = false;
  links: ModelLink[] = [];
  messages: ModelMessage[] = [];
  acts: Record<string, number> = {};

  constructor(addresses: Addresses) {
    this.account = { ...addresses, active: true, version: 1 };
    this.editors = [this.account, this.account];
    this.note('api_account.created');
    this.#start();
  }

  note(act: string): void {
    this.acts[act] = (this.acts[act] ?? 0) + 1;
  }

  #start(): void {
    const { now } = this;
    const { email, phone } = this.account;
    const last = this.links.at(-1);
    if (last) last.ended ??= 'replaced';
    const times = { expiresAt: now + LINK_LASTS, codeIssuedAt: now, codeExpiresAt: now + CODE_LASTS };
    const counts = { generation: 1, codeTries: 0, linkTries: 0, newCodes: 0 };
    const link = { id: '', email, phone, ...times, ...counts, ended: null };
    this.links.push(link);
    this.#queue(link, null);
    this.#queue(link, 1);
    this.note('reveal.started');
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
    return link.codeTries === ATTEMPTS_PER_CODE ? 'code_dead' : 'wrong';
  }

  /** What a malformed code is answered: it costs nothing. */
  mistype(link: ModelLink): string {
    const state = this.stateOf(link);
    return state === 'open' ? 'malformed' : state;
  }

  /** What six digits are answered; 'shown' for a key. */
  guess(link: ModelLink, isRight: boolean): string {
    if (this.#refusal(link) !== 'wrong') return this.#refusal(link);
    link.codeTries += 1;
    link.linkTries += 1;
    if (isRight) {
      link.ended = 'shown';
      this.hasKey = true;
      this.note('api_key.shown');
      return 'shown';
    }
    this.note('reveal.wrong_code');
    if (link.linkTries === ATTEMPTS_PER_LINK) {
      link.ended = 'locked';
      this.note('reveal.locked');
    }
    return this.#refusal(link);
  }

  askNewCode(link: ModelLink): string {
    if (this.stateOf(link) !== 'open') return 'ended';
    if (link.newCodes === NEW_CODES) return 'none_left';
    if (this.now < link.codeIssuedAt + BETWEEN_CODES) return 'too_soon';
    link.newCodes += 1;
    link.codeIssuedAt = this.now;
    this.#issueCode(link);
    this.#queue(link, link.generation);
    this.note('reveal.new_code');
    return 'texted';
  }

  #issueCode(link: ModelLink): void {
    link.generation += 1;
    link.codeTries = 0;
    link.codeExpiresAt = this.now + CODE_LASTS;
  }

  reset(): void {
    this.hasKey = false;
    this.note('api_key.reset');
    this.#start();
  }

  /** What an administrator is told who saves these changes to what their editor shows. */
  save(who: 0 | 1, changes: Partial<Fields>): 'saved' | 'restarted' | 'changed' {
    const [seen, before] = [this.editors[who], this.account];
    const isStale = seen.version !== before.version;
    const after = isStale ? before : { ...seen, ...changes };
    const readdressed = before.email !== after.email || before.phone !== after.phone;
    if (readdressed) this.note('api_account.edited');
    if (before.active !== after.active) {
      this.note(after.active ? 'api_account.reactivated' : 'api_account.deactivated');
    }
    if (readdressed || before.active !== after.active) {
      this.account = { ...after, version: before.version + 1 };
    }
    this.editors[who] = this.account;
    if (isStale) return 'changed';
    const last = this.links.at(-1);
    if (!readdressed || !last || this.stateOf(last) !== 'open') return 'saved';
    this.#start();
    return 'restarted';
  }

  /** Whether the worker has something to send when it takes up a message. */
  prepare(message: ModelMessage): boolean {
    const { link, generation } = message;
    if (message.state !== 'queued') return false;
    const isOvertaken = generation !== null && generation !== link.generation;
    if (this.stateOf(link) !== 'open' || isOvertaken) {
      message.state = 'dropped';
      return false;
    }
    if (generation !== null && message.attempts === 0) link.codeExpiresAt = this.now + CODE_LASTS;
    if (generation !== null && this.now >= link.codeExpiresAt) this.#issueCode(link);
    if (generation !== null) message.generation = link.generation;
    message.attempts += 1;
    return true;
  }

  /** Learns the ids of what is new. */
  adopt({ account, messages }: RevealSnapshot): void {
    const last = this.links.at(-1);
    if (last) last.id ||= account.revealId;
    for (const [index, message] of this.messages.entries()) message.id ||= messages[index]?.id ?? '';
  }
}
