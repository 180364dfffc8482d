import type { IncomingMessage } from 'node:http';
import { digestKey } from '#lib/api-keys/digest.ts';
import { log } from '#lib/log.ts';
import {
  type Answer,
  HEALTHY,
  INACTIVE,
  invalidKey,
  NOT_ALLOWED,
  NOT_FOUND,
  UNAVAILABLE,
  verified,
} from './answers.ts';
import { readCredential } from './credentials.ts';
import { HttpServer } from './http-server.ts';
import { NOBODY } from './lookup.ts';
import { Questions, Unavailable } from './questions.ts';
import { UsageRecord } from './usage.ts';

export type VerifierOptions = {
  /** 0: any free port. */
  port: number;
  host: string;
  /** Where uses are counted and limits kept. It may be away: until it is there, answers are 503. */
  databaseUrl: string;
  /** Where keys are looked up, if elsewhere: a standby that is never behind. */
  lookupDatabaseUrl?: string;
  organisationName: string;
  apiKeyTag: string;
  /** For accounts without a limit of their own; null, or left out: no limit. */
  requestsPerMinute?: number | null;
  /** How many different unknown keys an address may try in a minute. Left out: no limit. */
  unknownKeysPerMinute?: number;
  /** How many proxies in front add to X-Forwarded-For. */
  verifierTrustedProxies?: number;
};

export type Verifier = { port: number; close(): Promise<void> };

type Context = {
  questions: Questions;
  usage: UsageRecord;
  tag: string;
  invalid: Answer;
  isStopping(): boolean;
};

/** Judges one request, on a read of the database that begins after the request arrived: nothing is cached. */
async function verify(
  request: IncomingMessage,
  { questions, usage, tag, invalid }: Context,
): Promise<Answer> {
  const credential = readCredential(request.rawHeaders, tag);
  if (!credential) return invalid;
  const account = await questions.find(digestKey(credential.key));
  if (!account) return invalid;
  if (credential.username !== null && credential.username !== account.username) return invalid;
  if (!account.active) return INACTIVE;
  usage.note(account.id);
  return verified(account);
}

/** Whether requests had better come here: the database answers, and this is not about to end. */
async function readiness({ questions, isStopping }: Context): Promise<Answer> {
  if (isStopping()) return UNAVAILABLE;
  await questions.find(NOBODY);
  return HEALTHY;
}

async function route(request: IncomingMessage, context: Context): Promise<Answer> {
  const [path] = (request.url ?? '').split('?', 1);
  if (path === '/verify') return verify(request, context);
  if (path !== '/healthz' && path !== '/readyz') return NOT_FOUND;
  if (request.method !== 'GET' && request.method !== 'HEAD') return NOT_ALLOWED;
  return path === '/healthz' ? HEALTHY : readiness(context);
}

/** Whatever goes wrong, nobody is let through. */
function answerTo(error: unknown): Answer {
  if (!(error instanceof Unavailable)) log.error('verifier.request', error);
  return UNAVAILABLE;
}

/**
 * Starts the verifier: `/verify`, `/healthz` and `/readyz` as in docs/verifier.md.
 *
 * `close` takes no more connections, answers what is under way, and writes down the last uses: 10 seconds at most.
 * @throws where the port cannot be listened on
 */
export async function startVerifier(options: VerifierOptions): Promise<Verifier> {
  const questions = new Questions(options.lookupDatabaseUrl ?? options.databaseUrl);
  const usage = new UsageRecord(options.databaseUrl);
  const context = {
    questions,
    usage,
    tag: options.apiKeyTag,
    invalid: invalidKey(options.organisationName),
    isStopping: () => server.isStopping,
  };
  const server = new HttpServer((request) => route(request, context).catch(answerTo));
  const close = async () => {
    await usage.close();
    questions.close();
  };
  try {
    const port = await server.listen(options.port, options.host);
    return { port, close: () => server.stop().then(close) };
  } catch (error) {
    await close();
    throw error;
  }
}
