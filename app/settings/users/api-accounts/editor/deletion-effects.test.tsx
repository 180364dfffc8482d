import { renderToStaticMarkup } from 'react-dom/server';
import { describe, expect, it } from 'vitest';
import type { DeletedAccount } from '#lib/api-accounts/schema.ts';
import { DeletedAccountView } from './deleted-account-view.tsx';
import { DeletionEffects } from './deletion-effects.tsx';

const PERMANENT = 'The contact details in those can’t be erased.';
const readText = (html: string) => html.replaceAll(/<[^>]*>/g, '').replaceAll(/\s+/g, ' ');

describe.each([true, false])('of an account with permanent details: %j', (hasPermanentDetails) => {
  it('DeletionEffects mentions them only if there are any', () => {
    const text = readText(
      renderToStaticMarkup(<DeletionEffects hasPermanentDetails={hasPermanentDetails} />),
    );
    expect(text).toContain('without contact details');
    expect(text.includes(PERMANENT)).toBe(hasPermanentDetails);
  });

  it('DeletedAccountView mentions them only if there are any', () => {
    const at = new Date('2026-11-30T09:00:00Z');
    const account: DeletedAccount = {
      id: 'a',
      username: 'Northgate Gas',
      createdAt: at,
      createdBy: null,
      deletedAt: at,
      deletedBy: 'Ada Minister',
      hasPermanentDetails,
      expiresAt: at,
    };
    const text = readText(renderToStaticMarkup(<DeletedAccountView account={account} />));
    expect(text).toContain('This account was deleted');
    expect(text.includes(PERMANENT)).toBe(hasPermanentDetails);
  });
});
