import type { TextPart } from '#lib/notifications/email/format.ts';

/** Renders a message of the catalogue with its emphasised parts. */
export function RichText({ parts }: { parts: TextPart[] }) {
  return parts.map((part) =>
    typeof part === 'string' ? (
      <span key={part}>{part}</span>
    ) : (
      <strong key={part.strong} className="break-words tabular-nums">
        {part.strong}
      </strong>
    ),
  );
}
