import { readUsage } from '#lib/api-accounts/usage/read.ts';
import { getUsage } from '#lib/management-api/account-operations.ts';
import { handleOperation, refuseOtherMethods } from '#lib/management-api/handle-operation.ts';
import { refuse } from '#lib/management-api/problems.ts';
import { toUsage } from '#lib/management-api/usage.ts';

export const GET = handleOperation(getUsage, 'accounts:read', async ({ database, actor, id }) => {
  const usage = await readUsage(database, actor, { id });
  return usage ? { ok: true, body: toUsage(usage) } : refuse('not_found');
});

export const { POST, PUT, PATCH, DELETE, OPTIONS } = refuseOtherMethods('GET');
