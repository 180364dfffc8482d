import { z } from 'zod';

/** The longest token that is looked at; ours have 64 characters. */
export const changeLinkSchema = z.object({ token: z.string().max(200) });

export const resolveReportSchema = z.object({ id: z.uuid() });

/** What the page behind a notice's link may know: what the notice itself says, and neither address nor number. */
export type ChangeView = {
  username: string;
  changedEmail: boolean;
  changedPhone: boolean;
  /** ISO 8601, by the database's clock. */
  changedAt: string;
  /** Somebody has said "this was not us" already. */
  objected: boolean;
};

/** What changed of an address or a number; null where it stayed as it was. */
export type Change = { before: string; after: string } | null;

/** An objection that no administrator has looked into yet, as their pages may see it. */
export type ChangeReport = {
  /** Of the change. */
  id: string;
  objectedAt: Date;
  changedAt: Date;
  /** The person's name; null where they are no longer there. */
  changedBy: string | null;
  email: Change;
  phone: Change;
};
