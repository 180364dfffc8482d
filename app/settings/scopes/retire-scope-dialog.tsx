'use client';
import { type FormEvent, type RefObject, useEffect, useRef, useState } from 'react';
import { Button } from '#components/button.tsx';
import { Dialog, DialogButtons } from '#components/dialog.tsx';
import { formatCount } from '#components/format.ts';
import { Notice } from '#components/notice.tsx';
import { Skeleton, SkeletonBox } from '#components/skeleton.tsx';
import { useToast } from '#components/toast.tsx';
import type { ScopeUse } from '#lib/api-accounts/scopes/schema.ts';
import { ActionFailure } from '../action-failure.tsx';
import { ReauthDialog } from '../reauth/reauth-dialog.tsx';
import { useServerAction } from '../use-server-action.ts';
import { loadScopeUse, retireScope } from './actions.ts';
import { RetirementEffects } from './retirement-effects.tsx';
import { MISSING_SCOPE } from './scope-messages.ts';

const EFFECT = {
  done: 'The scope was retired.',
  maybe: 'The scope may have been retired: check the list before you try again.',
};

function describeRetired(accounts: number): string {
  if (accounts === 0) return 'No account had it.';
  return accounts === 1 ? 'One account lost it.' : `${formatCount(accounts)} accounts lost it.`;
}

type RetireScopeProps = { name: string; onClose: () => void };

/**
 * Retires a scope after its effects were shown.
 * @param props.buttonAboveList gets the focus afterwards, because the button that opened the dialog has disappeared
 */
export function RetireScopeDialog({
  open,
  buttonAboveList,
  ...props
}: RetireScopeProps & { open: boolean; buttonAboveList: RefObject<HTMLButtonElement | null> }) {
  const { name, onClose } = props;
  const toast = useToast();
  const hasRetired = useRef(false);

  function handleRetired(accounts: number) {
    hasRetired.current = true;
    onClose();
    toast({ title: `Scope ${name} retired`, description: describeRetired(accounts), about: name });
  }

  function getFinalFocus() {
    const target = hasRetired.current ? buttonAboveList.current : null;
    hasRetired.current = false;
    return target ?? true;
  }

  return (
    <Dialog
      open={open}
      onOpenChange={onClose}
      title="Retire scope"
      description={<bdi translate="no">{name}</bdi>}
      finalFocus={getFinalFocus}
    >
      <RetireScopeContent key={name} {...props} onRetired={handleRetired} />
    </Dialog>
  );
}

type ContentProps = RetireScopeProps & { onRetired: (accounts: number) => void };

function RetireScopeContent({ name, onClose, onRetired }: ContentProps) {
  const { run, failure } = useServerAction(loadScopeUse, null);
  const [use, setUse] = useState<ScopeUse | null>(null);
  useEffect(() => {
    void run({ name }).then((loaded) => loaded && setUse(loaded.use));
  }, [run, name]);
  if (use) return <RetireScopeForm name={name} initialUse={use} onClose={onClose} onRetired={onRetired} />;
  return (
    <div className="grid gap-4">
      {failure ? <ActionFailure failure={failure} /> : <EffectsSkeleton />}
      <DialogButtons>
        <Button onClick={onClose}>Cancel</Button>
      </DialogButtons>
    </div>
  );
}

function EffectsSkeleton() {
  return (
    <Skeleton>
      <SkeletonBox className="h-56 w-full" />
    </Skeleton>
  );
}

function RetireScopeForm({ name, initialUse, onClose, onRetired }: ContentProps & { initialUse: ScopeUse }) {
  const { run, pending, failure, setFailure, reauth } = useServerAction(retireScope, EFFECT);
  const [use, setUse] = useState(initialUse);
  const [hasChanged, setHasChanged] = useState(false);

  async function submit(event: FormEvent) {
    event.preventDefault();
    const { accounts, onlyScope } = use;
    const result = await run({ name, seen: { accounts, onlyScope } });
    if (!result) return;
    if (result.ok) onRetired(result.accounts);
    else if (result.reason === 'changed') {
      setUse(result.current);
      setHasChanged(true);
    } else setFailure({ message: MISSING_SCOPE, needsSignIn: false });
  }

  return (
    <>
      <form onSubmit={submit} noValidate className="grid gap-4">
        {hasChanged && (
          <Notice tone="warning" announce title="Not retired: other accounts have this scope now">
            <p>The list below is up to date. Check it, then retire the scope.</p>
          </Notice>
        )}
        <RetirementEffects use={use} />
        <ActionFailure failure={failure} />
        <DialogButtons>
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" variant="danger" pending={pending} pendingLabel="Retiring…">
            Retire scope
          </Button>
        </DialogButtons>
      </form>
      <ReauthDialog {...reauth} />
    </>
  );
}
