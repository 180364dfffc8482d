import { z } from 'zod';

/** One of the user's own sessions, as “Your account” shows it. */
export type SessionView = {
  id: string;
  createdAt: Date;
  lastSeenAt: Date;
  /** IP address at sign-in. */
  ipAddress: string | null;
  /** Browser and operating system, such as "Chrome on Windows". */
  browser: string;
  /** Such as "a password". */
  methodLabel: string;
  /** Whether this is the session of the current request. */
  isCurrent: boolean;
};

export const endSessionSchema = z.object({ id: z.uuid() });
