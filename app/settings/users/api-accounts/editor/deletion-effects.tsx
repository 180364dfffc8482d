import { Notice } from '#components/notice.tsx';
import { type AccountDetails, DELETED_DAYS } from '#lib/api-accounts/schema.ts';

/** Lists what deleting an account does, in the dialog that asks for confirmation. */
export function DeletionEffects({ hasPermanentDetails }: Pick<AccountDetails, 'hasPermanentDetails'>) {
  return (
    <Notice tone="warning" title="You can’t undo this">
      <ul className="grid list-disc gap-1 ps-4">
        <li>The key stops working immediately, and so do a link and code that they haven’t used yet.</li>
        <li>The email address, phone number, notes and usage are erased. We don’t notify the company.</li>
        <li>The audit log keeps its entries, with the username but without contact details.</li>
        {hasPermanentDetails && (
          <li>
            Some of its entries are from an earlier version of Stagedoor. The contact details in those can’t
            be erased.
          </li>
        )}
        <li>{`You can see the deleted account for ${DELETED_DAYS} days. After that, its username can be used again.`}</li>
      </ul>
    </Notice>
  );
}
