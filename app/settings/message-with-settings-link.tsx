import { TEXT_MESSAGES_PAGE, TEXT_MESSAGES_PATH } from '#lib/notifications/sms/schema.ts';

type MessageWithSettingsLinkProps = {
  children: string;
  /** Use it in a dialog, so that what was typed there stays. */
  newTab?: boolean;
};

/** Renders a message and links the page for text messages if the message names it. */
export function MessageWithSettingsLink({ children, newTab = false }: MessageWithSettingsLinkProps) {
  const at = children.indexOf(TEXT_MESSAGES_PAGE);
  if (at < 0) return <span>{children}</span>;
  return (
    <>
      <span>{children.slice(0, at)}</span>
      <a
        href={TEXT_MESSAGES_PATH}
        {...(newTab ? { target: '_blank', rel: 'noreferrer' } : {})}
        className="font-medium underline underline-offset-2"
      >
        <span>{TEXT_MESSAGES_PAGE}</span>
        {newTab && <span className="sr-only"> (opens a new tab)</span>}
      </a>
      <span>{children.slice(at + TEXT_MESSAGES_PAGE.length)}</span>
    </>
  );
}
