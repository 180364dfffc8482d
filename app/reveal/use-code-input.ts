'use client';
import { type RefObject, useEffect, useEffectEvent, useRef } from 'react';
import { findCode } from '#lib/platform/user-input/code.ts';

/** How long a complete code is left unchanged before it is submitted, because a seventh digit would show a mistake. */
const SUBMIT_DELAY_MS = 500;

/** The part of the WebOTP API that is used here. Only some browsers on phones have it, so TypeScript does not know it. */
type OtpRequest = CredentialRequestOptions & { otp: { transport: ['sms'] } };
type OtpCredential = Credential & { code: string };

/**
 * Asks the browser for the code in the next text message (WebOTP). Asks again after each new code, because the browser
 * responds once.
 */
function useWebOtp(codeGeneration: number, onCode: (code: string) => void): void {
  const handleCode = useEffectEvent(onCode);
  // biome-ignore lint/correctness/useExhaustiveDependencies: another generation asks again.
  useEffect(() => {
    if (!('OTPCredential' in window)) return;
    const controller = new AbortController();
    const request: OtpRequest = { otp: { transport: ['sms'] }, signal: controller.signal };
    navigator.credentials.get(request).then(
      (credential) => {
        if (credential && !controller.signal.aborted) handleCode((credential as OtpCredential).code);
      },
      // The reader declined, or no message arrived: the code can still be typed.
      () => {},
    );
    return () => controller.abort();
  }, [codeGeneration]);
}

/**
 * Makes the code field serve people: it has the focus, reads the code from a text message if the browser can, and submits
 * a complete code by itself, once.
 * @param submit gets what is in the field. Returns false, and does nothing, while another request is in progress
 * @param isPending whether a request is in progress. A code that was entered meanwhile is submitted after it
 * @param codeGeneration the number of the current code
 */
export function useCodeInput(
  input: RefObject<HTMLInputElement | null>,
  submit: (typed: string) => boolean,
  isPending: boolean,
  codeGeneration: number,
) {
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  /** Consumed an attempt, so it is not submitted again without the button. */
  const submittedCode = useRef<string | null>(null);

  useEffect(() => {
    input.current?.focus({ preventScroll: true });
    return () => clearTimeout(timer.current);
  }, [input]);

  function submitNow() {
    clearTimeout(timer.current);
    const typed = input.current?.value ?? '';
    if (submit(typed)) submittedCode.current = findCode(typed);
  }

  function handleInput() {
    clearTimeout(timer.current);
    const code = findCode(input.current?.value ?? '');
    if (code === null || code === submittedCode.current) return;
    timer.current = setTimeout(submitNow, SUBMIT_DELAY_MS);
  }

  const handleResponse = useEffectEvent(handleInput);
  useEffect(() => {
    if (!isPending) handleResponse();
  }, [isPending]);

  useWebOtp(codeGeneration, (code) => {
    if (input.current) input.current.value = code;
    submitNow();
  });

  return { submitNow, handleInput };
}
