'use client';
import { PageError } from '../../page-error.tsx';
import { PageHeading } from './page-heading.tsx';

export default function ListError({ reset }: { error: Error; reset: () => void }) {
  return <PageError heading={<PageHeading />} subject="your API accounts" reset={reset} />;
}
