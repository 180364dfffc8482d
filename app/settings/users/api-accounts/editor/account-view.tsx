'use client';
import { useRouter } from 'next/navigation';
import { useEffect, useState } from 'react';
import { Button } from '#components/button.tsx';
import { classNames } from '#components/class-names.ts';
import { type ToastMessage, useToast } from '#components/toast.tsx';
import type { AccountDetails } from '#lib/api-accounts/schema.ts';
import { DRAFT_KEYS } from '../../../../drafts/draft-keys.ts';
import { removeDraft } from '../../../../drafts/draft-storage.ts';
import { ActionFailure } from '../../../action-failure.tsx';
import { DiscardDialog } from '../../../discard-dialog.tsx';
import { ReauthDialog } from '../../../reauth/reauth-dialog.tsx';
import { useOutboxChannels } from '../../../test-mode/outbox-channels.tsx';
import { useRequestedDialog } from '../../../use-requested-dialog.ts';
import { useUnsavedChanges } from '../../../use-unsaved-changes.ts';
import type { AccessOptions } from '../access/read-access-options.ts';
import { RefusedNetworks } from '../access/refused-networks.tsx';
import { API_ACCOUNTS_PATH } from '../list/accounts-query.ts';
import { ResetKeyDialog } from '../reset/reset-key-dialog.tsx';
import { AccountFields } from './account-fields.tsx';
import { AccountHeader } from './account-header.tsx';
import { ACCOUNT_SECTIONS } from './account-href.ts';
import {
  ALONE_CLASS,
  CONTENT_CLASS,
  FOOTER_CLASS,
  SHEET_CLASS,
  STICKY_FOOTER_CLASS,
} from './account-layout.ts';
import { AccountSection } from './account-section.tsx';
import { useAccountSheet } from './account-sheet.tsx';
import { DeleteAccountDialog } from './delete-account-dialog.tsx';
import { describeSaved } from './describe-saved.ts';
import { HistoryPanel } from './history-panel.tsx';
import { KeyDeliveryPanel } from './key-delivery-panel.tsx';
import { LeakNotice } from './leak-notice.tsx';
import { OldKeyNotice } from './old-key-notice.tsx';
import { ReportNotices } from './report-notices.tsx';
import { showSection } from './section-navigation.tsx';
import { UsagePanel } from './usage-panel.tsx';
import { useAccountEditor } from './use-account-editor.ts';
import { type PolledTimeline, useTimeline } from './use-timeline.ts';

type AccountViewProps = {
  account: AccountDetails;
  /** Requests per minute for an account without its own limit; null: no limit. */
  defaultLimit: number | null;
  accessOptions: AccessOptions;
};

/** Shows the part of the page that the URL names, once. */
function useSectionInUrl(): void {
  useEffect(() => {
    const id = window.location.hash.slice(1);
    if (Object.hasOwn(ACCOUNT_SECTIONS, id)) showSection(id);
  }, []);
}

/**
 * Shows an account with all its parts, and edits it: in a sheet, which closes after saving, or alone. The panel keeps its
 * size: its content scrolls between the sheet's header and the buttons.
 */
export function AccountView({ account, defaultLimit, accessOptions }: AccountViewProps) {
  const sheet = useAccountSheet();
  const router = useRouter();
  const toast = useToast();
  const outbox = useOutboxChannels();
  const polled = useTimeline(account.id);
  const [openDialog, setOpenDialog] = useState<'reset' | 'delete' | null>(null);
  const { timeZone } = accessOptions;
  const editor = useAccountEditor(account, {
    timeZone,
    onSaved: (saved) => finish(describeSaved(saved, { defaultLimit, timeZone }, outbox)),
    onAlreadySaved: ({ username }) =>
      finish({ tone: 'info', title: `${username} already has these details` }),
  });
  const forgetDraft = () => removeDraft(DRAFT_KEYS.account(account.id));
  const { askBefore, leave, question } = useUnsavedChanges(editor.hasUnsaved, forgetDraft);
  useSectionInUrl();
  // The link in the email about a leaked key. Opening it changes nothing.
  useRequestedDialog('resetKey', () => setOpenDialog('reset'));

  function close() {
    if (sheet) sheet.close();
    else router.push(API_ACCOUNTS_PATH);
  }

  useEffect(() => {
    sheet?.setCloseHandler(() => askBefore(close));
    return () => sheet?.setCloseHandler(null);
  });

  /** After the changes were saved or the account was deleted, only a sheet closes. */
  function finish(message: ToastMessage) {
    toast({ ...message, about: account.id });
    forgetDraft();
    if (sheet) leave(close);
  }

  return (
    <>
      <form
        onSubmit={editor.save}
        noValidate
        className={classNames('flex flex-col', sheet ? SHEET_CLASS.frame : ALONE_CLASS)}
      >
        <div className={classNames(CONTENT_CLASS, sheet && SHEET_CLASS.content)}>
          <AccountHeader account={account} timeZone={timeZone} onReset={() => setOpenDialog('reset')} />
          <LeakNotice leak={account.leak} onReset={() => setOpenDialog('reset')} />
          <OldKeyNotice account={account} polled={polled} />
          <ReportNotices openReports={editor.latest.openReports} />
          <RefusedNetworks
            use={accessOptions.networkUse}
            typed={editor.typed.allowedNetworks}
            onAdd={editor.addNetwork}
          />
          <AccountFields
            editor={editor}
            username={account.username}
            defaultLimit={defaultLimit}
            accessOptions={accessOptions}
            onDelete={() => setOpenDialog('delete')}
          />
          <Panels account={account} polled={polled} />
        </div>
        <Footer editor={editor} isSticky={!sheet} onCancel={() => askBefore(close)} />
      </form>
      <ReauthDialog {...editor.reauth} />
      <DiscardDialog {...question} />
      <ResetKeyDialog
        open={openDialog === 'reset'}
        onClose={() => setOpenDialog(null)}
        onEdit={() => setOpenDialog(null)}
        account={account}
      />
      <DeleteAccountDialog
        open={openDialog === 'delete'}
        onClose={() => setOpenDialog(null)}
        onDeleted={({ username }) => finish({ title: `${username} deleted` })}
        account={account}
      />
    </>
  );
}

/** Shows the parts of an account that load by themselves. */
function Panels({ account, polled }: { account: AccountDetails; polled: PolledTimeline }) {
  return (
    <>
      <AccountSection id="delivery">
        <KeyDeliveryPanel
          polled={polled}
          accountId={account.id}
          username={account.username}
          isWaiting={account.status === 'awaiting_collection'}
        />
      </AccountSection>
      <AccountSection id="usage">
        <UsagePanel accountId={account.id} isUsed={account.lastUsedAt !== null} />
      </AccountSection>
      <AccountSection id="history">
        {/* Loads again after a save, a reset and the end of an old key. */}
        <HistoryPanel
          key={`${account.version} ${account.revealId} ${account.oldKey?.expiresAt}`}
          accountId={account.id}
        />
      </AccountSection>
    </>
  );
}

type FooterProps = {
  editor: ReturnType<typeof useAccountEditor>;
  /** Whether the buttons stay visible while the page scrolls, if the window is high enough. */
  isSticky: boolean;
  onCancel: () => void;
};

function Footer({ editor, isSticky, onCancel }: FooterProps) {
  const { failure, pending } = editor;
  return (
    <div className={classNames(FOOTER_CLASS, isSticky && STICKY_FOOTER_CLASS)}>
      <ActionFailure failure={failure} />
      <div className="flex justify-end gap-2.5">
        <Button onClick={onCancel}>Cancel</Button>
        <Button type="submit" variant="primary" pending={pending} pendingLabel="Saving…">
          Save
        </Button>
      </div>
    </div>
  );
}
