import { SettingsHeading } from '../../../settings-heading.tsx';
import { API_ACCOUNTS_PATH } from '../list/accounts-query.ts';
import { EDITOR_TITLE } from './account-href.ts';

/** Renders the heading of an account that stands alone, with a link to the list. */
export function AccountHeading() {
  return (
    <SettingsHeading
      title={EDITOR_TITLE}
      ancestors={['Users', { title: 'API Accounts', href: API_ACCOUNTS_PATH }]}
    />
  );
}
