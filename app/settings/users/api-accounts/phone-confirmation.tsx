import { CheckboxField, type CheckboxFieldProps } from '#components/checkbox-field.tsx';
import { UNKNOWN_NUMBER } from '#lib/platform/phone-numbers/messages.ts';

/** Returns whether a phone number was rejected only because it is unknown, so that it can be confirmed. */
export const isConfirmable = (message: string | undefined) => message === UNKNOWN_NUMBER;

/** Confirms a phone number that the numbering plans do not contain. */
export function PhoneConfirmation(props: Omit<CheckboxFieldProps, 'label' | 'description'>) {
  return (
    <CheckboxField
      {...props}
      label="This number is right"
      description="Tick this only if you’ve checked it with the company. The audit log records it."
    />
  );
}
