import type { ReactNode } from 'react';
import { SettingsHeading } from '../settings-heading.tsx';
import { API_ACCOUNTS_PATH } from '../users/api-accounts/list/accounts-query.ts';
import { JOBS_PATH } from './job-labels.ts';

const ACCOUNTS = { title: 'API Accounts', href: API_ACCOUNTS_PATH };
const LIST = { title: 'Jobs', href: JOBS_PATH };

/** Renders the heading of the list of jobs. */
export const JobsHeading = ({ action }: { action?: ReactNode }) => (
  <SettingsHeading title={LIST.title} ancestors={['Users', ACCOUNTS]} action={action}>
    Changes of many API accounts, and imports. They run in the background, and are kept for 30 days.
  </SettingsHeading>
);

/** Renders the heading of a job's page. */
export const JobHeading = () => <SettingsHeading title="Job" ancestors={['Users', ACCOUNTS, LIST]} />;

/** Renders the heading of the page that imports accounts. */
export const ImportHeading = () => (
  <SettingsHeading title="Import API accounts" ancestors={['Users', ACCOUNTS, LIST]}>
    Create an account for each row of a CSV file.
  </SettingsHeading>
);
