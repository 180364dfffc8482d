'use client';
import { PageError } from '../page-error.tsx';
import { JobsHeading } from './jobs-heading.tsx';

export default function JobsError(props: { error: Error; reset: () => void }) {
  return <PageError heading={<JobsHeading />} subject="the jobs" {...props} />;
}
