'use client';
import { zodResolver } from '@hookform/resolvers/zod';
import { useState } from 'react';
import { useForm } from 'react-hook-form';
import { z } from 'zod';
import { useToast } from '#components/toast.tsx';
import {
  type NewWebhookEndpoint,
  newWebhookEndpointSchema,
  type WebhookEndpointDetails,
} from '#lib/webhooks/schema.ts';
import { DRAFT_KEYS } from '../../drafts/draft-keys.ts';
import { useDraft } from '../../drafts/use-draft.ts';
import { mergeEdits } from '../merge-edits.ts';
import { showFieldErrors } from '../show-field-errors.ts';
import { OUTDATED, useServerAction } from '../use-server-action.ts';
import { saveWebhookEndpoint } from './actions.ts';
import { type EndpointInput, endpointDraftSchema, getTypedEndpoint } from './endpoint-fields.tsx';
import { MISSING_ENDPOINT } from './endpoint-messages.ts';
import { getEventLabel } from './event-labels.ts';

const LABELS = { url: 'URL', description: 'Description', eventTypes: 'Events' } as const;
type Field = keyof typeof LABELS;
const FIELDS = Object.keys(LABELS) as Field[];

type EndpointConflict = {
  changedBy: string | null;
  differences: { label: string; saved: string; typed: string | null }[];
};

const draftSchema = z.object({ version: z.int(), original: endpointDraftSchema, typed: endpointDraftSchema });

const EFFECT = {
  done: 'Your changes to the endpoint were saved.',
  maybe: 'Your changes may have been saved. You can safely try again.',
};

const formatField = (values: NewWebhookEndpoint, field: Field): string =>
  field === 'eventTypes'
    ? values.eventTypes.map(getEventLabel).join(', ') || 'none'
    : values[field] || 'empty';

const isSame = (field: Field, one: NewWebhookEndpoint, other: NewWebhookEndpoint) =>
  field === 'eventTypes'
    ? one.eventTypes.toSorted().join() === other.eventTypes.toSorted().join()
    : one[field] === other[field];

/** Manages the form of an endpoint, its latest saved version, and a conflict with another administrator. */
export function useEndpointEditor(endpoint: WebhookEndpointDetails, onClose: () => void) {
  const { id } = endpoint;
  const toast = useToast();
  const { run, setFailure, ...action } = useServerAction(saveWebhookEndpoint, EFFECT);
  const [latest, setLatest] = useState(endpoint);
  const [conflict, setConflict] = useState<EndpointConflict | null>(null);
  const form = useForm<EndpointInput, unknown, NewWebhookEndpoint>({
    resolver: zodResolver(newWebhookEndpointSchema),
    defaultValues: getTypedEndpoint(endpoint),
  });

  function showConflict(
    edits: { original: NewWebhookEndpoint; saved: WebhookEndpointDetails; typed: NewWebhookEndpoint },
    changedBy: string | null,
  ) {
    const { saved, typed } = edits;
    const { merged, changes } = mergeEdits<Field, NewWebhookEndpoint>(FIELDS, edits, isSame);
    form.reset(merged);
    setLatest(saved);
    const differences = changes.map(({ field, isDisputed }) => ({
      label: LABELS[field],
      saved: formatField(saved, field),
      typed: isDisputed ? formatField(typed, field) : null,
    }));
    setConflict({ changedBy, differences });
  }

  const typed = getTypedEndpoint(form.watch());
  const isUnchanged = (values: NewWebhookEndpoint) => FIELDS.every((field) => isSame(field, values, latest));
  const draft = useDraft({
    key: DRAFT_KEYS.webhookEndpoint(id),
    schema: draftSchema,
    typed: isUnchanged(typed) ? null : { version: latest.version, original: getTypedEndpoint(latest), typed },
    isSaved: (stored) => isUnchanged(stored.typed),
    restore: (stored) => {
      if (stored.version === latest.version) form.reset(stored.typed, { keepDefaultValues: true });
      else showConflict({ ...stored, saved: latest }, null);
    },
  });

  /** Puts the saved values into the form, instead of what was typed. */
  function restoreSaved() {
    form.setFocus('url');
    form.reset(getTypedEndpoint(latest));
    setConflict(null);
    draft.forget();
  }

  const submit = form.handleSubmit(async (values) => {
    const result = await run({ id, version: latest.version, ...values });
    if (!result) return;
    if (result.ok) {
      onClose();
      toast({ title: 'Endpoint saved', about: id });
    } else if (result.reason === 'changed') {
      showConflict({ original: latest, saved: result.current, typed: values }, result.current.updatedBy);
    } else if (result.reason === 'not_found') setFailure(MISSING_ENDPOINT);
    else if (result.reason !== 'invalid' || !showFieldErrors(['url'], result.fieldErrors, form.setError))
      setFailure(OUTDATED);
  });

  const isDraftRestored = draft.isRestored && !conflict;
  return { ...action, form, submit, conflict, restoreSaved, isDraftRestored };
}
