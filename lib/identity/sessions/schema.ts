import { z } from 'zod';

/** One of the user's own sessions, as “Your account” shows it. */
export type SessionView = {
  id: string;
  createdAt: Date;
  lastSeenAt: Date;
  /** IP address at sign-in. */
  address: string | null;
  /** Such as "Chrome on Windows". */
  browser: string;
  /** Label of the sign-in method, such as "a password". */
  method: string;
  /** Whether it is the session of this request. */
  current: boolean;
};

export const endSessionSchema = z.object({ id: z.uuid() });
