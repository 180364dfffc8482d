'use client';
import { useState } from 'react';
import { Button } from '#components/button.tsx';
import { buttonClass } from '#components/button-class.ts';
import { CopyButton } from '#components/copy-button.tsx';
import { RichText } from '#components/rich-text.tsx';
import { Tabs } from '#components/tabs.tsx';
import type { KeyGuide, VerifierResponse } from '#lib/key-delivery/key-page/schema.ts';
import { keyPage as messages } from '#lib/notifications/message-catalogue/en-pages.ts';
import { describeFailedRequest, describeLinkRefusal } from '../links/link-refusal-messages.ts';
import { testKey } from './actions.ts';
import { OldKeyNotice } from './old-key-notice.tsx';
import type { Credentials } from './shown-key.tsx';
import { buildSnippet, EXAMPLE_BASE_URL, KEY_VARIABLE, LANGUAGES, type Language } from './snippets.ts';
import { Step } from './step.tsx';

/** Shows code whose lines wrap, so that it needs no scrolling on a phone. */
function CodeBlock({ children }: { children: string }) {
  return (
    <pre
      translate="no"
      className="wrap-anywhere whitespace-pre-wrap rounded-md border border-line bg-sunken px-3 py-2.5 font-mono text-sm"
    >
      <code>{children}</code>
    </pre>
  );
}

function Example({ language, code }: { language: Language; code: string }) {
  return (
    <div className="grid gap-2">
      <CodeBlock>{code}</CodeBlock>
      <div>
        <CopyButton value={code} label={messages.copyExample({ language })} />
      </div>
    </div>
  );
}

type Outcome = { message: string; response: VerifierResponse | null };

const formatResponse = ({ status, headers, body }: VerifierResponse) =>
  [`HTTP ${status}`, ...headers.map(([name, value]) => `${name}: ${value}`), '', body].join('\n');

type KeyTestProps = {
  organisation: string;
  apiKey: string;
  pageToken: string;
  /** Called with the database's time after each test. */
  onTested: (testedAt: string) => void;
};

/** Sends the key to the verifier and returns what to show. */
async function runKeyTest({ organisation, apiKey, pageToken, onTested }: KeyTestProps): Promise<Outcome> {
  const result = await testKey({ pageToken, key: apiKey });
  if ('testedAt' in result) onTested(result.testedAt);
  if (result.ok) {
    const { response } = result;
    return { message: messages.testOutcome({ organisation, status: response.status }), response };
  }
  if (result.reason === 'verifier_unavailable')
    return { message: messages.testUnavailable({ organisation }), response: null };
  if (result.reason === 'invalid_link') return { message: messages.testOutdated, response: null };
  const isLimited = result.reason === 'rate_limited';
  return {
    message: isLimited
      ? messages.testsLimited({ seconds: result.retryAfterSeconds })
      : describeLinkRefusal(result),
    response: null,
  };
}

/** Tests the key at the verifier, and shows its response. */
function KeyTest(props: KeyTestProps) {
  const [isPending, setIsPending] = useState(false);
  const [outcome, setOutcome] = useState<Outcome | null>(null);

  async function test() {
    setIsPending(true);
    setOutcome(null);
    const next = await runKeyTest(props).catch((error: unknown) => ({
      message: describeFailedRequest(error),
      response: null,
    }));
    setOutcome(next);
    setIsPending(false);
  }

  return (
    <div className="grid gap-3">
      <div className="flex flex-wrap items-center gap-x-4 gap-y-2">
        <Button pending={isPending} pendingLabel={messages.testing} onClick={test}>
          {messages.testKey}
        </Button>
        <p className="min-w-48 flex-1 text-muted text-sm">{messages.testExplanation}</p>
      </div>
      <p role="status" className="font-medium empty:hidden">
        {outcome?.message}
      </p>
      {outcome?.response && (
        <section aria-label={messages.response}>
          <CodeBlock>{formatResponse(outcome.response)}</CodeBlock>
        </section>
      )}
    </div>
  );
}

type TryStepProps = Pick<KeyTestProps, 'organisation' | 'onTested'> & {
  credentials: Credentials;
  guide: KeyGuide;
};

/** Shows how to send a request to the API, with examples and a test of the key. */
export function TryStep({ organisation, credentials, guide, onTested }: TryStepProps) {
  const { username, key } = credentials;
  const baseUrl = guide.baseUrl ?? EXAMPLE_BASE_URL;
  const tabs = LANGUAGES.map((language) => ({
    name: language,
    content: <Example language={language} code={buildSnippet(language, { username, baseUrl })} />,
  }));
  return (
    <Step number={2} title={messages.tryIt}>
      {guide.oldKey && <OldKeyNotice oldKey={guide.oldKey} getText={messages.oldKey} />}
      <div className="grid gap-1.5">
        {guide.baseUrl && (
          <p>
            <RichText parts={messages.baseUrl({ baseUrl: guide.baseUrl })} />
          </p>
        )}
        <p>{messages.usage}</p>
      </div>
      {guide.docsUrl && (
        <div>
          <a href={guide.docsUrl} target="_blank" rel="noreferrer" className={buttonClass('secondary', 'sm')}>
            {messages.readDocs}
          </a>
        </div>
      )}
      <div className="grid gap-2">
        <Tabs label={messages.language} tabs={tabs} />
        {!guide.baseUrl && <p>{messages.noBaseUrl({ organisation, baseUrl })}</p>}
        <p className="text-muted text-sm">{messages.keyVariable({ variable: KEY_VARIABLE })}</p>
      </div>
      <KeyTest organisation={organisation} apiKey={key} pageToken={guide.pageToken} onTested={onTested} />
    </Step>
  );
}
