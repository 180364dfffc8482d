import { z } from 'zod';

/** Bounds the token's length; our tokens have 64 characters. */
export const changeLinkSchema = z.object({ token: z.string().max(200) });

export const resolveReportSchema = z.object({ id: z.uuid() });

/** What the page behind a notice's link may show: the same as the notice, without email address and phone number. */
export type ChangeView = {
  username: string;
  changedEmail: boolean;
  changedPhone: boolean;
  /** ISO 8601, by the database's clock. */
  changedAt: string;
  /** Whether the change has already been reported as unauthorised. */
  isReported: boolean;
};

/** Values of a contact field; null if it did not change. */
export type Change = { before: string; after: string } | null;

/** An unresolved report of an unauthorised change, as administrators' pages may see it. */
export type ChangeReport = {
  /** Id of the change. */
  id: string;
  reportedAt: Date;
  changedAt: Date;
  /** Name of the administrator; null if the user was deleted. */
  changedBy: string | null;
  email: Change;
  phone: Change;
};
