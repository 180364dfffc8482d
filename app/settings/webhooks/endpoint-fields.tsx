'use client';
import { type ReactNode, useId } from 'react';
import type { UseFormReturn } from 'react-hook-form';
import { z } from 'zod';
import { Button } from '#components/button.tsx';
import { CheckboxField } from '#components/checkbox-field.tsx';
import { CheckboxGroup } from '#components/checkbox-group.tsx';
import { TextField } from '#components/text-field.tsx';
import {
  type NewWebhookEndpoint,
  type newWebhookEndpointSchema,
  WEBHOOK_EVENT_TYPES,
} from '#lib/webhooks/schema.ts';
import { EVENT_GROUPS } from './event-labels.ts';

/** The values in the form of an endpoint. */
export type EndpointInput = z.input<typeof newWebhookEndpointSchema>;
type EndpointForm = UseFormReturn<EndpointInput, unknown, NewWebhookEndpoint>;

/** What a draft of the form contains. */
export const endpointDraftSchema = z.object({
  url: z.string(),
  description: z.string(),
  eventTypes: z.array(z.enum(WEBHOOK_EVENT_TYPES)),
});

/** Returns what is typed in the form. */
export const getTypedEndpoint = ({ url, description = '', eventTypes }: EndpointInput) => ({
  url,
  description,
  eventTypes: [...eventTypes],
});

/** Renders the fields of an endpoint: where events go, and which. */
export function EndpointFields({
  form,
}: {
  form: Pick<EndpointForm, 'register' | 'formState' | 'watch' | 'setValue'>;
}) {
  const { errors, isSubmitted } = form.formState;
  const isAllSelected = form.watch('eventTypes').length === WEBHOOK_EVENT_TYPES.length;

  function toggleAll() {
    const eventTypes = isAllSelected ? [] : [...WEBHOOK_EVENT_TYPES];
    form.setValue('eventTypes', eventTypes, { shouldDirty: true, shouldValidate: isSubmitted });
  }

  return (
    <>
      <TextField
        label="URL"
        inputMode="url"
        {...form.register('url')}
        error={errors.url?.message}
        description="Gets each event as an HTTP POST with JSON."
        autoComplete="off"
        autoCapitalize="off"
        spellCheck={false}
        required
      />
      <TextField
        label="Description"
        {...form.register('description')}
        error={errors.description?.message}
        description="Optional: which system this is, and whom to ask about it."
        autoComplete="off"
      />
      <CheckboxGroup legend="Events" error={errors.eventTypes?.message}>
        <Button size="sm" className="justify-self-start" onClick={toggleAll}>
          {isAllSelected ? 'Clear all' : 'Select all'}
        </Button>
        {EVENT_GROUPS.map(({ label, events }) => (
          <EventGroup key={label} label={label}>
            {Object.entries(events).map(([type, eventLabel]) => (
              <li key={type} className="wrap-anywhere min-w-0">
                <CheckboxField
                  value={type}
                  {...form.register('eventTypes')}
                  label={eventLabel}
                  description={<code translate="no">{type}</code>}
                />
              </li>
            ))}
          </EventGroup>
        ))}
      </CheckboxGroup>
    </>
  );
}

function EventGroup({ label, children }: { label: string; children: ReactNode }) {
  const labelId = useId();
  return (
    <div>
      <p id={labelId} className="mb-1.5 text-muted text-sm">
        {label}
      </p>
      <ul aria-labelledby={labelId} className="grid gap-x-6 gap-y-2.5 sm:grid-cols-2">
        {children}
      </ul>
    </div>
  );
}
