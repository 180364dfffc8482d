'use client';
import { PageError } from '../page-error.tsx';
import { Heading } from './heading.tsx';

export default function TextMessagesError({ reset }: { error: Error; reset: () => void }) {
  return <PageError heading={<Heading />} what="The rules for texts" reset={reset} />;
}
