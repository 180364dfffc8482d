import { z } from 'zod';

/** One of a person's own sessions, as they may see it. */
export type SessionView = {
  id: string;
  /** When they signed in, and when something was last asked for. */
  createdAt: Date;
  lastSeenAt: Date;
  /** From where, as it was at sign-in. */
  address: string | null;
  /** "Chrome on Windows". */
  browser: string;
  /** How they proved who they are. */
  method: string;
  /** The session that asks. */
  current: boolean;
};

export const endSessionSchema = z.object({ id: z.uuid() });
