import { z } from 'zod';

/** Bounds the token's length. Our tokens have 64 characters. */
export const changeLinkSchema = z.object({ token: z.string().max(200) });

export const resolveReportSchema = z.object({ id: z.uuid() });

/** What the page behind a notice's link may show: the same as the notice, so no email address or phone number. */
export type ChangeView = {
  username: string;
  isEmailChanged: boolean;
  isPhoneChanged: boolean;
  /** ISO 8601, by the database's clock. */
  changedAt: string;
  /** Whether the change has already been reported as unauthorised. */
  isReported: boolean;
};

/** Values of a contact field before and after a change; null if the field did not change. */
export type FieldChange = { before: string; after: string } | null;

/** An unresolved report of an unauthorised change, as the settings pages may show it. */
export type ChangeReport = {
  /** Id of the contact change. */
  id: string;
  reportedAt: Date;
  changedAt: Date;
  /** Name of the administrator; null if the user was deleted. */
  changedBy: string | null;
  email: FieldChange;
  phone: FieldChange;
};
