'use client';
import { PageError } from '../page-error.tsx';
import { TokensHeading } from './tokens-heading.tsx';

export default function AccessTokensError(props: { error: Error; reset: () => void }) {
  return <PageError heading={<TokensHeading />} subject="the access tokens" {...props} />;
}
