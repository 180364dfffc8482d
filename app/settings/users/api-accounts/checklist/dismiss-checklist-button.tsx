'use client';
import { Button } from '#components/button.tsx';
import { ActionFailure } from '../../../action-failure.tsx';
import { useServerAction } from '../../../use-server-action.ts';
import { dismissChecklist } from './actions.ts';

const EFFECT = {
  done: 'The checklist was dismissed.',
  maybe: 'The checklist may have been dismissed. You can safely try again.',
};

/** Dismisses the checklist. */
export function DismissChecklistButton() {
  const { run, pending, failure } = useServerAction(
    dismissChecklist as (input: undefined) => ReturnType<typeof dismissChecklist>,
    EFFECT,
  );

  async function dismiss() {
    // The button disappears with the checklist, so the page gets the focus.
    if (await run(undefined)) document.getElementById('content')?.focus();
  }

  return (
    <>
      <Button size="sm" pending={pending} pendingLabel="Dismissing…" onClick={dismiss}>
        Dismiss checklist
      </Button>
      <ActionFailure failure={failure} />
    </>
  );
}
