import { Circle, CircleCheck } from 'lucide-react';
import Link from 'next/link';
import type { ReactNode } from 'react';
import { type Checklist, type ChecklistStep, readChecklist } from '#lib/api-accounts/checklist.ts';
import type { Administrator } from '#lib/platform/authorization/roles.ts';
import { settings } from '#lib/platform/config/settings.ts';
import { database } from '#lib/platform/database.ts';
import { hasOutbox } from '#lib/platform/http/outbox-access.ts';
import { DismissChecklistButton } from './dismiss-checklist-button.tsx';

/** A step's title, and how to do it. `href`: the page on which it is done, if another one. */
type StepText = { title: string; instruction: ReactNode; href?: string };

/** Describes how to verify a key: with the verifier of this machine, or through the gateway. */
function VerificationInstruction() {
  const { isEmbedded, verifierPort } = settings();
  if (!isEmbedded) return 'Send a request with the key through your gateway.';
  return (
    <>
      <span>Put the key into the variable </span>
      <code translate="no">key</code>
      <span> and ask the verifier: </span>
      <code translate="no" className="break-all">
        {`curl -i -H "Authorization: Bearer $key" http://localhost:${verifierPort}/verify`}
      </code>
    </>
  );
}

function getStepText(step: ChecklistStep): StepText {
  switch (step) {
    case 'account':
      return {
        title: 'Create an API account',
        instruction: 'Select “New API Account”. You can enter your own email address and mobile number.',
      };
    case 'key':
      return {
        title: 'Collect its key',
        instruction: hasOutbox(settings())
          ? 'Open the link from the email and enter the code from the text. They’re in the outbox.'
          : 'Open the link from the email and enter the code from the text.',
      };
    case 'verification':
      return { title: 'Verify the key', instruction: <VerificationInstruction /> };
    case 'colleague':
      return {
        title: 'Invite a colleague',
        instruction: 'So that someone else can help if you’re away.',
        href: '/settings/users',
      };
    case 'providers':
      return {
        title: 'Connect email and text message providers',
        instruction: (
          <>
            <span>Until then, messages stay in the outbox. The settings are described in </span>
            {/* Wraps after the folders. */}
            <code translate="no">
              docs/
              <wbr />
              how-to/
              <wbr />
              set-up-email-and-sms.md
            </code>
            <span>.</span>
          </>
        ),
      };
  }
}

/** Shows an administrator the steps of a first run, until all are done or the administrator dismisses them. */
export async function FirstRunChecklist({ administrator }: { administrator: Administrator }) {
  const checklist = await readChecklist(database(), administrator);
  if (!checklist) return null;
  const doneCount = checklist.filter(({ isDone }) => isDone).length;
  return (
    <section
      aria-labelledby="checklist-heading"
      className="mb-6 rounded-lg border border-line bg-surface p-4 shadow-card sm:p-5"
    >
      <div className="flex flex-wrap items-center justify-between gap-x-4 gap-y-2">
        <div>
          <h2 id="checklist-heading" className="font-semibold">
            Get started
          </h2>
          <p className="text-muted text-sm">{`${doneCount} of ${checklist.length} done`}</p>
        </div>
        <DismissChecklistButton />
      </div>
      <ol className="mt-3 grid gap-2.5">
        {checklist.map((item) => (
          <ChecklistItem key={item.step} {...item} />
        ))}
      </ol>
    </section>
  );
}

/** Renders one step: how to do it, or that it is done. */
function ChecklistItem({ step, isDone }: Checklist[number]) {
  const { title, instruction, href } = getStepText(step);
  if (isDone) {
    return (
      <li className="flex gap-2.5 text-muted">
        <CircleCheck aria-hidden="true" className="mt-0.5 size-4.5 shrink-0 text-success" />
        <p>
          <span>{title}</span>
          <span className="sr-only"> (done)</span>
        </p>
      </li>
    );
  }
  return (
    <li className="flex gap-2.5">
      <Circle aria-hidden="true" className="mt-0.5 size-4.5 shrink-0 text-muted" />
      <div className="min-w-0">
        <p className="font-medium">
          {href ? (
            <Link href={href} prefetch={false} className="underline underline-offset-2">
              {title}
            </Link>
          ) : (
            title
          )}
        </p>
        <p className="text-muted text-sm">{instruction}</p>
      </div>
    </li>
  );
}
