import { Button } from '#components/button.tsx';
import { Notice } from '#components/notice.tsx';

/** Says that a form was filled with what was typed before the page was reloaded. `onDiscard`: empties it again. */
export function DraftNotice({ onDiscard }: { onDiscard: () => void }) {
  return (
    <Notice tone="info" announce title="We’ve kept what you typed">
      <p>
        You typed this before the page was reloaded. If you had already sent it, check whether it was saved.
      </p>
      <Button size="sm" className="mt-1 justify-self-start" onClick={onDiscard}>
        Discard what I typed
      </Button>
    </Notice>
  );
}
