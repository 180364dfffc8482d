'use client';
import { PageError } from '../../page-error.tsx';
import { ApiAccountsHeading } from './api-accounts-heading.tsx';

export default function ApiAccountsError(props: { error: Error; reset: () => void }) {
  return <PageError heading={<ApiAccountsHeading />} subject="your API accounts" {...props} />;
}
