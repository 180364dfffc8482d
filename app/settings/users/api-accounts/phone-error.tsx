import { readSuggestion } from '#lib/platform/phone-numbers/messages.ts';
import { MessageWithSettingsLink } from '../../message-with-settings-link.tsx';

type PhoneErrorProps = {
  message: string;
  /** Puts the suggested number into the field. */
  onUseSuggestion: (phone: string) => void;
};

/** Shows what is wrong with a phone number. If the message suggests a number, a button puts it into the field. */
export function PhoneError({ message, onUseSuggestion }: PhoneErrorProps) {
  const suggestion = readSuggestion(message);
  if (!suggestion) return <MessageWithSettingsLink opensNewTab>{message}</MessageWithSettingsLink>;
  return (
    <>
      <span>Start with the country code. </span>
      <button
        type="button"
        className="text-start font-medium underline underline-offset-2"
        onClick={() => onUseSuggestion(suggestion)}
      >
        Use <bdi translate="no">{suggestion}</bdi>
      </button>
    </>
  );
}
