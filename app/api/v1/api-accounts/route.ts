import { readAccountResource } from '#lib/account-state/resource.ts';
import { createApiAccount } from '#lib/api-accounts/create.ts';
import { listAccountResources } from '#lib/api-accounts/list-resources.ts';
import { createAccount, listAccounts } from '#lib/management-api/account-operations.ts';
import { handleOperation, refuseOtherMethods } from '#lib/management-api/handle-operation.ts';
import { refuseFields } from '#lib/management-api/problems.ts';
import { respondWithAccount } from './respond-with-account.ts';

export const GET = handleOperation(listAccounts, 'accounts:read', async ({ database, actor, query }) => ({
  ok: true,
  body: await listAccountResources(database, actor, query),
}));

export const POST = handleOperation(createAccount, 'accounts:write', async ({ database, actor, body }) => {
  const { phoneConfirmed: isPhoneConfirmed, ...fields } = body;
  const created = await createApiAccount(database, actor, { ...fields, isPhoneConfirmed });
  // An access token counts as recent authentication, so it cannot be refused for another reason.
  if (!created.ok) return refuseFields(created.reason === 'invalid' ? created.fieldErrors : {});
  const account = await readAccountResource(database, created.account.id);
  return respondWithAccount(account, { Location: `/api/v1/api-accounts/${created.account.id}` });
});

export const { PUT, PATCH, DELETE, OPTIONS } = refuseOtherMethods('GET', 'POST');
