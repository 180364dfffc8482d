import { RadioField } from '#components/radio-field.tsx';
import { TextField } from '#components/text-field.tsx';
import { parseLimit } from '#lib/api-accounts/parse-limit.ts';
import type { OldKeyChoice } from '#lib/api-accounts/schema.ts';
import type { NewScope } from '#lib/api-accounts/scopes/schema.ts';
import type { BulkOperation } from '#lib/bulk-jobs/schema.ts';
import { toExpiryTime } from '../users/api-accounts/access/access-labels.ts';
import { ExpiryField } from '../users/api-accounts/access/expiry-field.tsx';
import { ScopesField } from '../users/api-accounts/access/scopes-field.tsx';
import { OldKeyField } from '../users/api-accounts/reset/old-key-field.tsx';
import { OPERATION_LABELS } from './job-labels.ts';

const OPERATIONS: BulkOperation[] = [
  'resend',
  'deactivate',
  'activate',
  'reset',
  'set_expiry',
  'set_scopes',
  'set_limit',
];

/** The operations whose field shows what is wrong with its value. */
const SHOWS_ERROR: BulkOperation[] = ['set_expiry', 'set_scopes', 'set_limit'];

/** What is entered for the operations that have values. */
export type BulkValues = {
  oldKey: OldKeyChoice;
  expiresAt: string | null;
  scopes: string[] | null;
  limit: string;
};

export const DEFAULT_VALUES: BulkValues = { oldKey: 'immediately', expiresAt: null, scopes: null, limit: '' };

/** Returns the change in the form that the server accepts, or what is wrong with a value. */
export function toChange(operation: BulkOperation, { oldKey, expiresAt, scopes, limit }: BulkValues) {
  switch (operation) {
    case 'reset':
      return { ok: true, change: { operation, oldKey } } as const;
    case 'set_expiry':
      return Number.isNaN(toExpiryTime(expiresAt))
        ? ({ ok: false, message: 'Enter a date and a time, or leave this empty.' } as const)
        : ({ ok: true, change: { operation, expiresAt } } as const);
    case 'set_scopes':
      return { ok: true, change: { operation, scopes } } as const;
    case 'set_limit':
      return parseLimit(limit) === undefined
        ? ({ ok: false, message: 'Enter a whole number from 1 to 1,000,000, or leave this empty.' } as const)
        : ({ ok: true, change: { operation, requestsPerMinute: limit } } as const);
    default:
      return { ok: true, change: { operation } } as const;
  }
}

/** Describes what a job does to each account, before it is started. */
export function describeConsequence(
  operation: BulkOperation,
  { expiresAt, scopes, limit }: BulkValues,
): string {
  switch (operation) {
    case 'resend':
      return 'Each company whose key wasn’t collected yet gets its email again, and a text with a new code. Earlier codes stop working.';
    case 'deactivate':
      return 'Their API keys stop working. You can activate the accounts again.';
    case 'activate':
      return 'Keys that were collected before work again. Old keys of a reset don’t.';
    case 'reset':
      return 'Each company gets a new link and a new code. Links and codes that were sent before stop working.';
    case 'set_expiry':
      return expiresAt
        ? 'From this time on, their keys are refused. Companies are reminded before.'
        : 'They don’t expire any more. Keys of expired accounts work again.';
    case 'set_scopes':
      return scopes
        ? 'Their keys have exactly these scopes, immediately.'
        : 'Their keys have full access, immediately.';
    case 'set_limit':
      return limit.trim()
        ? 'Requests above the limit are refused, immediately.'
        : 'They get the organisation’s default limit, immediately.';
  }
}

type OperationFieldsProps = {
  /** Null: none was chosen yet. */
  operation: BulkOperation | null;
  onOperationChange: (operation: BulkOperation) => void;
  values: BulkValues;
  onChange: (values: BulkValues) => void;
  /** What is wrong with the value of the operation. */
  error: string | null;
  scopes: NewScope[];
  timeZone: string;
};

/** Asks what a job does, and for the new value. */
export function OperationFields({ operation, onOperationChange, ...fields }: OperationFieldsProps) {
  return (
    <fieldset className="grid min-w-0 gap-3">
      <legend className="mb-2 font-medium">What do you want to do?</legend>
      {OPERATIONS.map((each) => (
        <RadioField
          key={each}
          name="operation"
          label={OPERATION_LABELS[each]}
          checked={operation === each}
          onChange={() => onOperationChange(each)}
        >
          {operation === each && <ValueField operation={operation} {...fields} />}
        </RadioField>
      ))}
      {fields.error && (!operation || !SHOWS_ERROR.includes(operation)) && (
        <p role="alert" className="text-danger text-sm">
          {fields.error}
        </p>
      )}
    </fieldset>
  );
}

type ValueFieldProps = Omit<OperationFieldsProps, 'operation' | 'onOperationChange'> & {
  operation: BulkOperation;
};

function ValueField({ operation, values, onChange, error, scopes, timeZone }: ValueFieldProps) {
  const ignoreBlur = () => {};
  switch (operation) {
    case 'reset':
      return <OldKeyField value={values.oldKey} onChange={(oldKey) => onChange({ ...values, oldKey })} />;
    case 'set_expiry':
      return (
        <ExpiryField
          name="expiresAt"
          value={values.expiresAt}
          onChange={(expiresAt) => onChange({ ...values, expiresAt })}
          onBlur={ignoreBlur}
          ref={null}
          error={error ?? undefined}
          timeZone={timeZone}
        />
      );
    case 'set_scopes':
      return (
        <ScopesField
          value={values.scopes}
          onChange={(chosen) => onChange({ ...values, scopes: chosen })}
          onBlur={ignoreBlur}
          ref={null}
          error={error ?? undefined}
          scopes={scopes}
        />
      );
    case 'set_limit':
      return (
        <TextField
          label="Requests per minute"
          name="requestsPerMinute"
          inputMode="numeric"
          autoComplete="off"
          value={values.limit}
          onChange={(event) => onChange({ ...values, limit: event.currentTarget.value })}
          description="Leave empty for the organisation’s default."
          error={error}
        />
      );
    default:
      return null;
  }
}
