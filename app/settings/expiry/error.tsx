'use client';
import { PageError } from '../page-error.tsx';
import { ExpiryHeading } from './expiry-heading.tsx';

export default function ExpiryError(props: { error: Error; reset: () => void }) {
  return <PageError heading={<ExpiryHeading />} subject="the expiry settings" {...props} />;
}
