import { describe, expect, it } from 'vitest';
import type { AccountDetails } from '#lib/api-accounts/schema.ts';
import { mergeAccount, refreshAccount } from './merge-account.ts';

const original = {
  email: 'old@example.com',
  phone: '+447700900001',
  active: true,
  requestsPerMinute: '',
  displayName: '',
  notes: '',
  expiresAt: null,
  scopes: null,
  allowedNetworks: null,
};
type Edits = Parameters<typeof mergeAccount>[0];
const merge = (edits: Edits) => mergeAccount(edits, 'Europe/London');

describe('mergeAccount', () => {
  it('keeps a typed value, and reports it together with the saved one', () => {
    const typed = { ...original, email: 'mine@example.com' };
    const saved = { ...original, email: 'theirs@example.com' };
    const { merged, differences } = merge({ original, saved, typed });
    expect(merged.email).toBe('mine@example.com');
    expect(differences).toEqual([{ field: 'email', saved: 'theirs@example.com', typed: 'mine@example.com' }]);
  });

  it('takes the saved value of a field that was not edited, and reports it', () => {
    const typed = { ...original, email: 'mine@example.com' };
    const saved = { ...original, active: false };
    const { merged, differences } = merge({ original, saved, typed });
    expect(merged).toEqual({ ...original, email: 'mine@example.com', active: false });
    expect(differences).toEqual([{ field: 'active', saved: 'No', typed: null }]);
  });

  it('reports no dispute if both administrators entered the same phone number in different formats', () => {
    const typed = { ...original, phone: 'Mobile: (+44) 7700 900-002' };
    const saved = { ...original, phone: '+447700900002' };
    expect(merge({ original, saved, typed }).differences).toEqual([
      { field: 'phone', saved: '+447700900002', typed: null },
    ]);
  });

  it('compares limits by their value, labels an empty one, and takes the saved one if it was not edited', () => {
    const typedLimit = { ...original, requestsPerMinute: '1,000' };
    const savedLimit = { ...original, requestsPerMinute: 1_000 };
    expect(merge({ original, saved: savedLimit, typed: typedLimit }).differences).toEqual([
      { field: 'requestsPerMinute', saved: '1,000', typed: null },
    ]);
    const emptied = { ...original, requestsPerMinute: ' ' };
    const { merged, differences } = merge({
      original: { ...original, requestsPerMinute: 60 },
      saved: savedLimit,
      typed: emptied,
    });
    expect(merged.requestsPerMinute).toBe(' ');
    expect(differences).toEqual([{ field: 'requestsPerMinute', saved: '1,000', typed: 'Empty' }]);
    const untouched = merge({
      original,
      saved: savedLimit,
      typed: { ...original, active: false },
    }).merged;
    expect(untouched).toEqual({ ...original, active: false, requestsPerMinute: 1_000 });
  });

  it('compares names and notes as they are saved', () => {
    const typed = { ...original, displayName: '  Théâtre  du Port ', notes: 'Ask Jane. \r\nMoves in May.\n' };
    const saved = { ...original, displayName: 'Théâtre du Port', notes: 'Ask Jane.\nMoves in May.' };
    expect(merge({ original, saved, typed }).differences).toEqual([
      { field: 'displayName', saved: 'Théâtre du Port', typed: null },
      { field: 'notes', saved: 'Ask Jane.\nMoves in May.', typed: null },
    ]);
  });

  it('compares expiries by the time, and labels them in the time zone of the organisation', () => {
    const typed = { ...original, expiresAt: '2027-06-30T22:59:00.000Z' };
    const saved = { ...original, expiresAt: new Date('2027-06-30T22:59:00Z') };
    expect(merge({ original, saved, typed }).differences).toEqual([
      { field: 'expiresAt', saved: '23:59 BST on 30 Jun 2027', typed: null },
    ]);
    expect(
      merge({ original: saved, saved: original, typed: { ...original, expiresAt: '' } }).differences,
    ).toEqual([{ field: 'expiresAt', saved: 'None', typed: 'Invalid' }]);
  });

  it('compares scopes and networks in any order, and distinguishes none from all', () => {
    const typed = { ...original, scopes: ['orders:write', 'orders:read'], allowedNetworks: ['10.0.0.0/8'] };
    const saved = { ...original, scopes: ['orders:read', 'orders:write'], allowedNetworks: null };
    expect(merge({ original, saved, typed }).differences).toEqual([
      { field: 'scopes', saved: 'orders:read, orders:write', typed: null },
    ]);
    expect(merge({ original: saved, saved: original, typed: { ...saved, scopes: [] } }).differences).toEqual([
      { field: 'scopes', saved: 'Full access', typed: 'None' },
    ]);
    expect(
      merge({ original, saved: { ...original, allowedNetworks: ['192.0.2.7'] }, typed }).differences,
    ).toEqual([{ field: 'allowedNetworks', saved: '192.0.2.7', typed: '10.0.0.0/8' }]);
  });

  it('compares networks as they are saved', () => {
    const typed = { ...original, allowedNetworks: ['192.0.2.7,192.0.2.8', ''] };
    const saved = { ...original, allowedNetworks: ['192.0.2.8', '192.0.2.7'] };
    expect(merge({ original, saved, typed }).differences).toEqual([
      { field: 'allowedNetworks', saved: '192.0.2.8, 192.0.2.7', typed: null },
    ]);
    const emptied = { ...original, allowedNetworks: [' '] };
    expect(merge({ original, saved: { ...saved, active: false }, typed: emptied }).merged).toEqual({
      ...saved,
      active: false,
    });
  });

  it('reports nothing if the saved values are the original ones', () => {
    const typed = { ...original, active: false };
    expect(merge({ original, saved: original, typed })).toEqual({ merged: typed, differences: [] });
  });
});

describe('refreshAccount', () => {
  const openReports: AccountDetails['openReports'] = [];
  const saved = {
    version: 2,
    status: 'active',
    isRevealOpen: false,
    openReports,
  } as unknown as AccountDetails;

  it('takes over that a reset has begun a new key delivery, and keeps the reports', () => {
    const read: AccountDetails = {
      ...saved,
      status: 'awaiting_collection',
      isRevealOpen: true,
      openReports: [],
    };
    const refreshed = refreshAccount(saved, read);
    expect(refreshed).toEqual(read);
    expect(refreshed.openReports).toBe(openReports);
  });

  it('keeps the saved account if the page has read another version', () => {
    for (const version of [1, 3]) expect(refreshAccount(saved, { ...saved, version })).toBe(saved);
  });
});
