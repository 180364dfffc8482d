import { readSuggestion } from '#lib/platform/phone-numbers/messages.ts';
import { MessageWithSettingsLink } from '../../message-with-settings-link.tsx';

type PhoneErrorProps = {
  message: string;
  /** Puts the number that the message suggests into the field. */
  onUse: (phone: string) => void;
};

/** Shows what is wrong with a phone number. If the message suggests a number, a button takes it over. */
export function PhoneError({ message, onUse }: PhoneErrorProps) {
  const suggestion = readSuggestion(message);
  if (!suggestion) return <MessageWithSettingsLink newTab>{message}</MessageWithSettingsLink>;
  return (
    <>
      <span>{`${message} `}</span>
      <button
        type="button"
        className="font-medium underline underline-offset-2"
        onClick={() => onUse(suggestion)}
      >
        Use this number
      </button>
    </>
  );
}
