import { formatCount } from '#components/format.ts';
import type { AccountCount } from '#lib/api-accounts/count.ts';

/** Formats a number of accounts, such as "60", or "about 1,200,000" if it was estimated. */
export const formatAccountCount = ({ count, isExact }: AccountCount) =>
  isExact ? formatCount(count) : `about ${formatCount(Number(count.toPrecision(2)))}`;
