import type { NewAccountErrors } from '#lib/api-accounts/check-new.ts';
import type { CheckedFields } from '#lib/api-accounts/schema.ts';
import { checkFields } from './actions.ts';

/** Asks the server about fields. If it cannot be asked, finds nothing: saving will show why. */
export async function findServerErrors(fields: CheckedFields): Promise<NewAccountErrors> {
  const result = await checkFields(fields).catch(() => null);
  return result?.ok ? result.fieldErrors : {};
}
