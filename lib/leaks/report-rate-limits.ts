import type pg from 'pg';
import type { LeakSource } from '#lib/account-state/status.ts';
import { getIpAddressBlock } from '#lib/platform/http/ip-address.ts';
import { createRateLimiter } from '#lib/platform/rate-limiter/rate-limiter.ts';

const TEN_MINUTES = 10 * 60;

type Limit = { points: number; seconds: number };

/**
 * How many reports are accepted from an IP address, and in total. Each source has its own total, so a flood of one does not
 * keep the others out. GitHub sends its reports from many addresses, and signs them.
 */
export const REPORT_LIMITS: Record<LeakSource, { perIpAddress: Limit | null; total: Limit }> = {
  page: {
    perIpAddress: { points: 20, seconds: TEN_MINUTES },
    total: { points: 1_000, seconds: TEN_MINUTES },
  },
  api: {
    perIpAddress: { points: 60, seconds: TEN_MINUTES },
    total: { points: 3_000, seconds: TEN_MINUTES },
  },
  github: { perIpAddress: null, total: { points: 6_000, seconds: TEN_MINUTES } },
};

/**
 * Consumes a report from the limits of its source. Call it before a reported key is compared with anything.
 * @throws if the database cannot be queried; the caller must then refuse
 */
export async function consumeReport(
  pool: pg.Pool,
  source: LeakSource,
  ipAddress: string,
): Promise<{ ok: true } | { ok: false; retryAfterSeconds: number }> {
  const { perIpAddress, total } = REPORT_LIMITS[source];
  // First that of the IP address, so that one client alone cannot exhaust the total.
  if (perIpAddress) {
    const limiter = createRateLimiter(pool, { name: `leak-${source}`, ...perIpAddress });
    const result = await limiter.consume(getIpAddressBlock(ipAddress));
    if (!result.ok) return result;
  }
  return createRateLimiter(pool, { name: `leak-${source}-total`, ...total }).consume('total');
}
