'use client';
import { PageError } from '../page-error.tsx';
import { LogHeading } from './log-heading.tsx';

export default function LogError(props: { error: Error; reset: () => void }) {
  return <PageError heading={<LogHeading />} subject="the audit log" {...props} />;
}
