'use client';
import { PageError } from '../page-error.tsx';
import { TextMessagesHeading } from './text-messages-heading.tsx';

export default function TextMessagesError({ reset }: { error: Error; reset: () => void }) {
  return <PageError heading={<TextMessagesHeading />} subject="the text message settings" reset={reset} />;
}
