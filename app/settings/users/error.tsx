'use client';
import { PageError } from '../page-error.tsx';
import { UsersHeading } from './users-heading.tsx';

export default function UsersError(props: { error: Error; reset: () => void }) {
  return <PageError heading={<UsersHeading />} subject="the users" {...props} />;
}
