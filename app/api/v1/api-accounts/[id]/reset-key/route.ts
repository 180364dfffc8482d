import { readAccountResource } from '#lib/account-state/resource.ts';
import { resetApiKey } from '#lib/api-accounts/reset-key.ts';
import { resetKey } from '#lib/management-api/account-operations.ts';
import { handleOperation, refuseOtherMethods } from '#lib/management-api/handle-operation.ts';
import { refuse } from '#lib/management-api/problems.ts';
import { respondWithAccount } from '../../respond-with-account.ts';

export const POST = handleOperation(resetKey, 'accounts:write', async ({ database, actor, id, body }) => {
  const reset = await resetApiKey(database, actor, { id, oldKey: body.oldKey });
  return reset.ok ? respondWithAccount(await readAccountResource(database, id)) : refuse('not_found');
});

export const { GET, PUT, PATCH, DELETE, OPTIONS } = refuseOtherMethods('POST');
