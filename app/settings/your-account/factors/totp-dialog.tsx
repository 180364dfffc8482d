'use client';
import { type FormEvent, useCallback, useEffect, useRef, useState } from 'react';
import { Button } from '#components/button.tsx';
import { CopyButton } from '#components/copy-button.tsx';
import { Dialog, DialogButtons } from '#components/dialog.tsx';
import { Spinner } from '#components/spinner.tsx';
import { TextField } from '#components/text-field.tsx';
import { useToast } from '#components/toast.tsx';
import { useLeaveWarning } from '#components/use-leave-warning.ts';
import { usePageHide } from '#components/use-page-hide.ts';
import type { QrCode } from '#lib/identity/mfa/totp-qr.ts';
import { MAX_TYPED_LENGTH } from '#lib/platform/user-input/characters.ts';
import { ActionFailure } from '../../action-failure.tsx';
import { ReauthDialog } from '../../reauth/reauth-dialog.tsx';
import { useServerAction } from '../../use-server-action.ts';
import { saveTotp, startTotpSetup } from './actions.ts';

type TotpDialogProps = { onClose: () => void; onRecoveryCodes: (recoveryCodes: string[]) => void };
type StartedSetup = Extract<Awaited<ReturnType<typeof startTotpSetup>>, { ok: true }>;

const EFFECT = {
  done: 'Your authenticator app was added.',
  maybe:
    'Your authenticator app may have been added: reload the page to check. If it was, and you have saved no recovery codes, generate new ones.',
};

const FAILURE_MESSAGES = {
  malformed: 'Enter the 6-digit code shown in your app.',
  wrong_code: 'That code isn’t right. Try the next one, and check your phone’s time is set automatically.',
  already_set_up: 'You already have an authenticator app. Reload the page.',
  not_started: 'This setup is no longer valid. Close this and start again.',
} as const;

/** Sets up an authenticator app. */
export function TotpDialog({ open, ...props }: TotpDialogProps & { open: boolean }) {
  return (
    <Dialog
      open={open}
      onOpenChange={props.onClose}
      title="Set up an authenticator app"
      description="Scan the QR code with your app, then enter the code it shows."
    >
      <TotpSetup {...props} />
    </Dialog>
  );
}

function TotpSetup(props: TotpDialogProps) {
  const { run, failure, setFailure, reauth } = useServerAction(
    startTotpSetup as (input: undefined) => ReturnType<typeof startTotpSetup>,
    null,
  );
  const [setup, setSetup] = useState<StartedSetup | null>(null);
  const { onClose } = props;
  // If the user leaves the page, closing is not enough: the dialog stays mounted, with the secret, while it closes.
  const wipe = useCallback(() => {
    setSetup(null);
    onClose();
  }, [onClose]);
  usePageHide(wipe);

  useEffect(() => {
    void run(undefined).then((result) => {
      if (result?.ok) setSetup(result);
      else if (result) setFailure({ message: FAILURE_MESSAGES[result.reason], needsSignIn: false });
    });
  }, [run, setFailure]);

  if (setup) return <TotpForm {...props} setup={setup} />;
  return (
    <>
      {failure ? (
        <ActionFailure failure={failure} />
      ) : (
        <p role="status" className="flex items-center gap-2 text-muted">
          <Spinner />
          <span>One moment…</span>
        </p>
      )}
      <ReauthDialog {...reauth} />
    </>
  );
}

function TotpForm({ setup, onClose, onRecoveryCodes }: TotpDialogProps & { setup: StartedSetup }) {
  const toast = useToast();
  const { run, pending, failure, reauth } = useServerAction(saveTotp, EFFECT);
  const [error, setError] = useState<string | null>(null);
  const field = useRef<HTMLInputElement>(null);
  // After a reload, the secret that the app has already saved would be useless.
  useLeaveWarning(true, 'The app isn’t set up yet. Leave and start again later?');
  useEffect(() => field.current?.focus(), []);

  async function submit(event: FormEvent) {
    event.preventDefault();
    setError(null);
    const result = await run({ code: field.current?.value ?? '' });
    if (!result) return;
    if (!result.ok) {
      setError(FAILURE_MESSAGES[result.reason]);
      return field.current?.select();
    }
    onClose();
    // If recovery codes are shown, there is no toast: it could cover their buttons.
    if (result.recoveryCodes) onRecoveryCodes(result.recoveryCodes);
    else toast({ title: 'Authenticator app added' });
  }

  return (
    <>
      <form onSubmit={submit} noValidate className="grid gap-4">
        <TotpSecret setup={setup} />
        <TextField
          ref={field}
          label="Code from the app"
          name="code"
          error={error ?? undefined}
          description="The 6-digit code shown in your app."
          inputMode="numeric"
          autoComplete="one-time-code"
          maxLength={MAX_TYPED_LENGTH}
          required
        />
        <ActionFailure failure={failure} />
        <DialogButtons>
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" variant="primary" pending={pending} pendingLabel="Checking…">
            Add app
          </Button>
        </DialogButtons>
      </form>
      <ReauthDialog {...reauth} />
    </>
  );
}

/** Shows the secret as a QR code and as text. */
function TotpSecret({ setup }: { setup: StartedSetup }) {
  return (
    <div className="grid items-center gap-x-5 gap-y-4 sm:grid-cols-[auto_minmax(0,1fr)]">
      <QrCodeImage qrCode={setup.qrCode} />
      <div className="grid min-w-0 justify-items-start gap-2">
        <p id="totp-secret">Can’t scan it? Enter this setup key in your app (type: time-based):</p>
        <output
          aria-labelledby="totp-secret"
          translate="no"
          className="block w-full select-all rounded-md border border-line bg-sunken px-3 py-2 font-mono"
        >
          {setup.secret}
        </output>
        <CopyButton value={setup.secret.replaceAll(' ', '')} label="Copy setup key" />
      </div>
    </div>
  );
}

/** Width of the quiet zone around a QR code, in modules (ISO/IEC 18004). */
const QUIET_ZONE = 4;

/** Draws a QR code, black on white in both colour schemes: many readers cannot read inverted codes. */
function QrCodeImage({ qrCode: { size, path } }: { qrCode: QrCode }) {
  const width = size + 2 * QUIET_ZONE;
  return (
    <svg
      role="img"
      aria-label="QR code for the authenticator app"
      viewBox={`${-QUIET_ZONE} ${-QUIET_ZONE} ${width} ${width}`}
      shapeRendering="crispEdges"
      className="size-48 justify-self-center rounded-md border border-line"
    >
      <rect x={-QUIET_ZONE} y={-QUIET_ZONE} width={width} height={width} fill="#fff" />
      <path d={path} fill="#000" />
    </svg>
  );
}
