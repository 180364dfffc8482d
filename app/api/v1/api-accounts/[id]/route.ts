import { readAccountResource } from '#lib/account-state/resource.ts';
import { deleteApiAccount } from '#lib/api-accounts/delete.ts';
import { updateApiAccount } from '#lib/api-accounts/update.ts';
import { deleteAccount, getAccount, updateAccount } from '#lib/management-api/account-operations.ts';
import { handleOperation, refuseOtherMethods } from '#lib/management-api/handle-operation.ts';
import { refuse, refuseFields } from '#lib/management-api/problems.ts';
import { respondWithAccount } from '../respond-with-account.ts';

export const GET = handleOperation(getAccount, 'accounts:read', async ({ database, id }) =>
  respondWithAccount(await readAccountResource(database, id)),
);

export const PATCH = handleOperation(updateAccount, 'accounts:write', async (call) => {
  const { database, actor, id, version, body } = call;
  const { phoneConfirmed: isPhoneConfirmed, ...fields } = body;
  const updated = await updateApiAccount(database, actor, { ...fields, id, version, isPhoneConfirmed });
  if (updated.ok) return respondWithAccount(await readAccountResource(database, id));
  if (updated.reason === 'invalid') return refuseFields(updated.fieldErrors);
  if (updated.reason === 'changed')
    return refuse('version_mismatch', { detail: `The current version is "${updated.current.version}".` });
  return refuse('not_found');
});

export const DELETE = handleOperation(deleteAccount, 'accounts:write', async ({ database, actor, id }) => {
  const account = await readAccountResource(database, id);
  // An administrator types the username to confirm that this is the right account. A program has its id.
  const deleted = account && (await deleteApiAccount(database, actor, { id, username: account.username }));
  return deleted?.ok ? { ok: true, body: undefined } : refuse('not_found');
});

export const { POST, PUT, OPTIONS } = refuseOtherMethods('GET', 'PATCH', 'DELETE');
