'use client';
import { useEffect, useRef } from 'react';
import { RelativeTime } from '#components/local-time.tsx';
import { Notice } from '#components/notice.tsx';
import type { KeyChange } from '#lib/api-accounts/schema.ts';

/** A reset that was refused, because the account had changed since the dialog was opened. */
export type RefusedReset = { change: KeyChange; hasKey: boolean; readAt: Date };

/** Continues "Ada reset this key 3 minutes ago". */
const describeCollection = (hasKey: boolean) =>
  hasKey
    ? ', and it has been collected. Reset again?'
    : '. The new key hasn’t been collected yet. Reset again?';

function ChangeSentence({ change: { kind, at, by, isOwn }, hasKey, readAt }: RefusedReset) {
  const when = <RelativeTime at={at} now={readAt} isMidSentence />;
  if (kind === 'collected') {
    return (
      <span>
        <span>They collected this key </span>
        {when}
        <span>. Reset it anyway?</span>
      </span>
    );
  }
  if (kind === 'leaked') {
    return (
      <span>
        <span>This key was reported as leaked </span>
        {when}
        <span>, and no longer works. Reset it?</span>
      </span>
    );
  }
  const actor = isOwn ? 'You' : (by ?? 'Another administrator');
  return (
    <span>
      <bdi translate="no">{actor}</bdi>
      <span>{kind === 'reset' ? ' reset this key ' : ' changed this account '}</span>
      {when}
      <span>{kind === 'reset' ? describeCollection(hasKey) : '. Check the details. Reset the key?'}</span>
    </span>
  );
}

/** Shows why a reset was refused, and asks whether to reset the key as it is now. */
export function KeyChangeNotice(refused: RefusedReset) {
  const box = useRef<HTMLDivElement>(null);
  // Moves the focus off the button, so that a second press does not reset a key that the user has not read about.
  // biome-ignore lint/correctness/useExhaustiveDependencies: each refusal moves the focus again.
  useEffect(() => box.current?.focus(), [refused.change]);
  return (
    <div ref={box} tabIndex={-1} className="rounded-md">
      <Notice tone="danger" announce title={<ChangeSentence {...refused} />}>
        <p>Nothing was reset.</p>
      </Notice>
    </div>
  );
}
