'use client';
import { PageError } from '../page-error.tsx';
import { WebhooksHeading } from './webhooks-heading.tsx';

export default function WebhooksError(props: { error: Error; reset: () => void }) {
  return <PageError heading={<WebhooksHeading />} subject="the webhooks" {...props} />;
}
