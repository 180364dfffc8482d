'use client';
import { PageError } from '../page-error.tsx';
import { ScopesHeading } from './scopes-heading.tsx';

export default function ScopesError(props: { error: Error; reset: () => void }) {
  return <PageError heading={<ScopesHeading />} subject="the scopes" {...props} />;
}
