'use client';
import { PageError } from '../../page-error.tsx';
import { DeletedAccountsHeading } from './deleted-accounts-heading.tsx';

export default function DeletedAccountsError(props: { error: Error; reset: () => void }) {
  return <PageError heading={<DeletedAccountsHeading />} subject="deleted API accounts" {...props} />;
}
