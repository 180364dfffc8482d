'use client';
import { PageError } from '../../page-error.tsx';
import { EndpointHeading } from '../webhooks-heading.tsx';

export default function EndpointError(props: { error: Error; reset: () => void }) {
  return <PageError heading={<EndpointHeading />} subject="the webhook endpoint" {...props} />;
}
