import { suggestEmail } from '#lib/platform/user-input/suggest-email.ts';

type EmailHintProps = {
  /** The email address as typed. */
  email: string;
  /** Puts the suggested email address into the field. */
  onUseSuggestion: (email: string) => void;
};

/** Hints that the domain of an email address may be mistyped, such as `gmial.com`. It may be right, so this is no error. */
export function EmailHint({ email, onUseSuggestion }: EmailHintProps) {
  const suggestion = suggestEmail(email);
  if (!suggestion) return null;
  return (
    <>
      <span>Check the part after the @. </span>
      <button
        type="button"
        className="break-all text-start font-medium underline underline-offset-2"
        onClick={() => onUseSuggestion(suggestion)}
      >
        Use <bdi translate="no">{suggestion}</bdi>
      </button>
    </>
  );
}
