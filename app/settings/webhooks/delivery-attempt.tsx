import { ChevronRight, CircleCheck, CircleX } from 'lucide-react';
import { LocalTime } from '#components/local-time.tsx';
import { StatusBadge } from '#components/status-badge.tsx';
import type { WebhookAttemptDetails } from '#lib/webhooks/schema.ts';

const isSuccess = ({ status }: WebhookAttemptDetails) => status !== null && status >= 200 && status < 300;

type DeliveryAttemptProps = { attempt: WebhookAttemptDetails; number: number; isOpen: boolean };

/** Shows the request and the response of an attempt, as text. They can be expanded. */
export function DeliveryAttempt({ attempt, number, isOpen }: DeliveryAttemptProps) {
  const { at, durationMs, requestHeaders, requestBody, status, responseHeaders, responseBody, error } =
    attempt;
  return (
    <li className="px-5 py-3">
      <p className="mb-1 text-muted text-sm tabular-nums">
        <LocalTime at={at} />
        <span>{` · ${durationMs} ms`}</span>
      </p>
      <details open={isOpen} className="group">
        <summary className="flex cursor-pointer list-none flex-wrap items-center gap-x-3 gap-y-1 rounded-sm [&::-webkit-details-marker]:hidden">
          <ChevronRight
            aria-hidden="true"
            className="size-4 shrink-0 text-muted transition-transform group-open:rotate-90"
          />
          <span className="font-medium">{`Attempt ${number}`}</span>
          <StatusBadge
            tone={isSuccess(attempt) ? 'success' : 'danger'}
            icon={isSuccess(attempt) ? CircleCheck : CircleX}
          >
            {status === null ? 'No response' : `Status ${status}`}
          </StatusBadge>
        </summary>
        <div className="mt-3 grid gap-4">
          <Message title="Request" headers={requestHeaders} body={formatJson(requestBody)} number={number} />
          {status === null ? (
            <div>
              <h3 className="font-semibold">No response</h3>
              <p className="wrap-anywhere text-muted">{error}</p>
            </div>
          ) : (
            <Message title="Response" headers={responseHeaders} body={responseBody} number={number} />
          )}
        </div>
      </details>
    </li>
  );
}

/** Formats JSON in several lines; returns any other text as it is. */
function formatJson(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}

type MessageProps = { title: string; headers: Record<string, string>; body: string; number: number };

function Message({ title, headers, body, number }: MessageProps) {
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
  return (
    <div className="grid min-w-0 gap-1.5">
      <h3 className="font-semibold">{title}</h3>
      <TextBox label={`Headers of the ${title.toLowerCase()}, attempt ${number}`} text={lines.join('\n')} />
      <TextBox label={`Body of the ${title.toLowerCase()}, attempt ${number}`} text={body} />
    </div>
  );
}

/** Shows text from elsewhere as it is. Scrolls if it is long, with the keyboard, too. */
function TextBox({ label, text }: { label: string; text: string }) {
  if (text === '') return <p className="text-muted text-sm">Empty</p>;
  return (
    <section
      // biome-ignore lint/a11y/noNoninteractiveTabindex: the keyboard scrolls only what has the focus
      tabIndex={0}
      aria-label={label}
      className="max-h-80 overflow-auto rounded-md border border-line bg-sunken px-3 py-2.5"
    >
      <pre translate="no" dir="auto" className="wrap-anywhere whitespace-pre-wrap font-mono text-xs">
        {text}
      </pre>
    </section>
  );
}
