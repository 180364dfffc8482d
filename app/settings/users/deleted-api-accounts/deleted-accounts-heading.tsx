import { DELETED_DAYS } from '#lib/api-accounts/schema.ts';
import { SettingsHeading } from '../../settings-heading.tsx';

export const DELETED_ACCOUNTS_TITLE = 'Deleted API Accounts';

/** Renders the heading of the list of deleted API accounts. */
export function DeletedAccountsHeading() {
  return (
    <SettingsHeading
      title={DELETED_ACCOUNTS_TITLE}
      ancestors={['Users', { title: 'API Accounts', href: '/settings/users/api-accounts' }]}
    >
      {`Accounts that were deleted in the last ${DELETED_DAYS} days. They can’t be restored, and their usernames can’t be used yet.`}
    </SettingsHeading>
  );
}
