'use client';
import { PageError } from '../page-error.tsx';
import { TextMessagesHeading } from './text-messages-heading.tsx';

export default function TextMessagesError(props: { error: Error; reset: () => void }) {
  return <PageError heading={<TextMessagesHeading />} subject="the text message settings" {...props} />;
}
