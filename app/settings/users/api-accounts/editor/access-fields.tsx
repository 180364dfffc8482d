'use client';
import { Controller } from 'react-hook-form';
import { Notice } from '#components/notice.tsx';
import { type AccessEffect, describeExpiryEffect, describeScopesEffect } from '../access/access-changes.ts';
import { ExpiryField } from '../access/expiry-field.tsx';
import { NetworksConsequence } from '../access/networks-consequence.tsx';
import { NetworksField } from '../access/networks-field.tsx';
import type { AccessOptions } from '../access/read-access-options.ts';
import { ScopesField } from '../access/scopes-field.tsx';
import { Consequence } from './edit-consequences.tsx';
import type { useAccountEditor } from './use-account-editor.ts';

type AccessFieldsProps = { editor: ReturnType<typeof useAccountEditor>; options: AccessOptions };

/** Renders when an account expires and what it has access to, with what saving does. */
export function AccessFields({ editor, options }: AccessFieldsProps) {
  const { form, typed, latest } = editor;
  const { timeZone, scopes, networkUse } = options;
  return (
    <>
      <div>
        <Controller
          control={form.control}
          name="expiresAt"
          render={({ field, fieldState }) => (
            <ExpiryField {...field} error={fieldState.error?.message} timeZone={timeZone} />
          )}
        />
        <EffectConsequence effect={describeExpiryEffect(latest, typed, timeZone)} />
      </div>
      <div>
        <Controller
          control={form.control}
          name="scopes"
          render={({ field, fieldState }) => (
            <ScopesField {...field} error={fieldState.error?.message} scopes={scopes} />
          )}
        />
        <EffectConsequence effect={describeScopesEffect(latest.scopes, typed.scopes)} />
      </div>
      <div>
        <Controller
          control={form.control}
          name="allowedNetworks"
          render={({ field, fieldState }) => (
            <NetworksField
              {...field}
              onBlur={() => {
                field.onBlur();
                void editor.checkNetworks();
              }}
              error={fieldState.error?.message}
              use={networkUse}
            />
          )}
        />
        <NetworksConsequence saved={latest.allowedNetworks} typed={typed.allowedNetworks} use={networkUse} />
      </div>
    </>
  );
}

function EffectConsequence({ effect }: { effect: AccessEffect | null }) {
  return (
    <Consequence>
      {effect && (
        <Notice tone={effect.tone} title={effect.title}>
          <p>{effect.text}</p>
        </Notice>
      )}
    </Consequence>
  );
}
