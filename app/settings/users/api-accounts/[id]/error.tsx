'use client';
import { PageError } from '../../../page-error.tsx';
import { AccountHeading } from '../editor/account-heading.tsx';

export default function AccountError(props: { error: Error; reset: () => void }) {
  return <PageError heading={<AccountHeading />} subject="this API account" {...props} />;
}
