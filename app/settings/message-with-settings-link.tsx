import { TEXT_MESSAGES_PAGE, TEXT_MESSAGES_PATH } from '#lib/notifications/sms/labels.ts';

type MessageWithSettingsLinkProps = {
  children: string;
  /** Set this in a dialog, so that typed text is not lost. */
  opensNewTab?: boolean;
};

/** Renders a message. If it names the page “Text messages”, the name is a link to that page. */
export function MessageWithSettingsLink({ children, opensNewTab = false }: MessageWithSettingsLinkProps) {
  const start = children.indexOf(TEXT_MESSAGES_PAGE);
  if (start < 0) return <span>{children}</span>;
  return (
    <>
      <span>{children.slice(0, start)}</span>
      <a
        href={TEXT_MESSAGES_PATH}
        {...(opensNewTab ? { target: '_blank', rel: 'noreferrer' } : {})}
        className="font-medium underline underline-offset-2"
      >
        <span>{TEXT_MESSAGES_PAGE}</span>
        {opensNewTab && <span className="sr-only"> (opens a new tab)</span>}
      </a>
      <span>{children.slice(start + TEXT_MESSAGES_PAGE.length)}</span>
    </>
  );
}
