import { formatDate, formatTimeOfDay } from '#components/format-time.ts';

/** Returns an expiry in milliseconds: null if there is none, and NaN for a text that is no time in UTC. */
export function toExpiryTime(expiry: Date | string | null): number | null {
  if (typeof expiry === 'string') return expiry.endsWith('Z') ? Date.parse(expiry) : Number.NaN;
  return expiry?.getTime() ?? null;
}

/** Checks whether an expiry has passed. */
export function isExpired(expiry: Date | string | null, now: Date): boolean {
  const time = toExpiryTime(expiry);
  return time !== null && time <= now.getTime();
}

/** Formats a time as "23:59 GMT on 31 Dec 2026". @param timeZone the organisation's (IANA name) */
export const formatWhen = (at: Date, timeZone: string) =>
  `${formatTimeOfDay(at, timeZone)} on ${formatDate(at, timeZone)}`;

/** Formats an expiry, which may be entered incompletely. */
export function formatExpiry(expiry: Date | string | null, timeZone: string): string {
  const time = toExpiryTime(expiry);
  if (time === null) return 'None';
  return Number.isNaN(time) ? 'Invalid' : formatWhen(new Date(time), timeZone);
}

/** Formats an account's scopes as "orders:read, orders:write". Null: full access. */
export const formatScopes = (scopes: string[] | null) =>
  scopes === null ? 'Full access' : scopes.join(', ') || 'None';

/** Formats an account's networks as "192.0.2.7, 10.0.0.0/8". Null: anywhere. */
export const formatNetworks = (networks: string[] | null) => networks?.join(', ') ?? 'Anywhere';
