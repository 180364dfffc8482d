import { TEXT_MESSAGES_PATH, TEXT_MESSAGES_PLACE } from '#lib/text-rules/schema.ts';

type WithLinkProps = {
  children: string;
  /** In a dialog: what was typed there stays. */
  newTab?: boolean;
};

/** A sentence in which the name of the page for text messages, where it stands, is a link to it. */
export function WithTextMessagesLink({ children, newTab = false }: WithLinkProps) {
  const at = children.indexOf(TEXT_MESSAGES_PLACE);
  if (at < 0) return children;
  return (
    <>
      {children.slice(0, at)}
      <a
        href={TEXT_MESSAGES_PATH}
        {...(newTab ? { target: '_blank', rel: 'noreferrer' } : {})}
        className="font-medium underline underline-offset-2"
      >
        {TEXT_MESSAGES_PLACE}
        {newTab && <span className="sr-only"> (in a new tab)</span>}
      </a>
      {children.slice(at + TEXT_MESSAGES_PLACE.length)}
    </>
  );
}
