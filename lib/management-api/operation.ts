import type { z } from 'zod';
import type { Database } from '#db/client.ts';
import type { AccessTokenActor, AccessTokenScope } from '#lib/platform/authorization/actor.ts';
import type { ApiRefusal, ProblemCode } from './problems.ts';

/** Describes one operation of the management API: how its requests are parsed, and what the OpenAPI document says. */
export type Operation = {
  /** Also the name of the method in generated clients. */
  id: string;
  method: 'get' | 'post' | 'patch' | 'delete';
  /** May contain `{id}`, which must be a UUID. Every other id gets 404. */
  path: `/api/v1/${string}`;
  /** The scope that an access token needs; null if the operation needs no token. */
  scope: AccessTokenScope | null;
  summary: string;
  description?: string;
  /** A strict object, so that a mistyped filter is not ignored. */
  query?: z.ZodObject;
  body?: z.ZodType;
  /** Whether the body may be missing, which means `{}`. */
  isBodyOptional?: boolean;
  /** The largest body, if it is larger than that of the other operations. `refuse-request.ts` has the same limit for its path. */
  maxBodyBytes?: number;
  success: { status: 200 | 201 | 202 | 204; description: string; body?: z.ZodType };
  /** What the operation refuses itself, besides what `handleOperation` refuses. */
  problems: readonly ProblemCode[];
};

/** Defines an operation, with its exact type. */
export const defineOperation = <const Defined extends Operation>(operation: Defined): Defined => operation;

type Output<Schema> = Schema extends z.ZodType ? z.output<Schema> : undefined;
type Input<Schema> = Schema extends z.ZodType ? z.input<Schema> : undefined;
type ActorOf<Scope> = Scope extends AccessTokenScope ? AccessTokenActor<Scope> : null;

/** A request to an operation, authorised and parsed. */
export type Call<Called extends Operation> = {
  actor: ActorOf<Called['scope']>;
  /**
   * Use no other: with an `Idempotency-Key`, it belongs to the transaction that also stores the response. Without an access
   * token, it has the pool of public requests.
   */
  database: Database;
  /** The `{id}` of the path; empty if there is none. */
  id: string;
  query: Output<Called['query']>;
  body: Output<Called['body']>;
  /** The headers and the raw body, for a signature. */
  headers: Headers;
  bytes: Buffer;
  /** The version of `If-Match`; undefined if there is no such header. Only for PATCH. */
  version: number | undefined;
};

/** What an operation responds. `headers`: besides those that every response has. */
export type Outcome<Called extends Operation> =
  | { ok: true; body: Input<Called['success']['body']>; headers?: Record<string, string> }
  | ApiRefusal;
