import { describe, expect, it } from 'vitest';
import { actionFindings, localAuthenticationFindings, pageFindings } from './action-rules.ts';
import { parseSource } from './source-files.ts';

const findings = (text: string, name = 'app/x/actions.ts') =>
  actionFindings(parseSource(name, `'use server';\n${text}`));

describe('actionFindings', () => {
  it.each([
    'export async function act() { const asked = await requireAdministrator(); if (!asked.ok) return asked; await write(); }',
    "export async function act() { const asked = await requireAdministrator('act'); if (!asked.ok) return asked; await write(); }",
    'export async function act() { const same = await requireSameOrigin(); if (!same.ok) { return { ok: false }; } }',
    'export const act = async () => { const asked = await requireViewer(); if (!asked.ok) return asked; };',
    'export type Result = { ok: true };',
    'function inside() { return 1; }',
  ])('accepts %s', (text) => {
    expect(findings(text)).toEqual([]);
  });

  it.each([
    [
      'a guard with the name of another action',
      "export async function act() { const a = await requireAdministrator('other'); if (!a.ok) return a; await write(); }",
    ],
    ['no check', 'export async function act() { await write(); }'],
    [
      'a check that comes second',
      'export async function act() { await write(); const a = await requireViewer(); if (!a.ok) return a; }',
    ],
    [
      'a result that is ignored',
      'export async function act() { const a = await requireViewer(); await write(); }',
    ],
    [
      'a result that is not awaited',
      'export async function act() { const a = requireViewer(); if (!a.ok) return a; }',
    ],
    [
      'a refusal that continues',
      'export async function act() { const a = await requireViewer(); if (!a.ok) note(); await write(); }',
    ],
    [
      'another result',
      'export async function act() { const a = await requireViewer(); if (!b.ok) return b; }',
    ],
    [
      'a guard of its own',
      'export async function act() { const a = await checkMyself(); if (!a.ok) return a; }',
    ],
    ['an arrow without a body', 'export const act = async () => write();'],
    ['a wrapper', 'export const act = guarded(async () => write());'],
    ['something exported from elsewhere', "export { act } from './act.ts';"],
    ['everything from elsewhere', "export * from './act.ts';"],
    ['a default', 'export default async function act() { await write(); }'],
  ])('rejects %s', (_, text) => {
    expect(findings(text)).toHaveLength(1);
  });

  it('rejects actions in a file of another name', () => {
    expect(findings('', 'lib/x/act.ts')).toEqual([expect.stringContaining('app/**/actions.ts')]);
  });

  it('rejects an action inside a function', () => {
    const source = parseSource('app/x/page.tsx', "const f = async () => { 'use server'; await write(); };");
    expect(actionFindings(source)).toHaveLength(1);
  });
});

describe('localAuthenticationFindings', () => {
  const asks = 'const a = await requireSelf(); if (!a.ok) return a;';
  const ways = 'const w = requireLocalAuth(); if (!w.ok) return w;';
  const found = (text: string, from = '#lib/identity/mfa/prove.ts', directive = 'use server') =>
    localAuthenticationFindings(
      parseSource('app/x/actions.ts', `'${directive}';\nimport { a } from '${from}';\n${text}`),
    );

  it.each([
    `export async function act() { ${asks} ${ways} return write(); }`,
    `export async function deleteTotp() { ${asks} return write(); }`,
  ])('accepts %s', (text) => {
    expect(found(text)).toEqual([]);
  });

  it.each([
    `export async function act() { ${asks} return write(); }`,
    `export async function act() { ${asks} await write(); ${ways} }`,
    `export async function act() { ${asks} const w = requireLocalAuth(); await write(); }`,
    `export async function act() { ${asks} requireLocalAuth(); return write(); }`,
    `export async function deleteTotp() { ${asks} ${ways} return write(); }`,
    'export const act = async () => write();',
  ])('rejects %s', (text) => {
    expect(found(text)).toHaveLength(1);
    expect(found(text, '#lib/identity/passwords/change.ts')).toHaveLength(1);
    expect(found(text, '#lib/identity/users/invite.ts')).toEqual([]);
    expect(found(text, '#lib/identity/mfa/prove.ts', 'use client')).toEqual([]);
  });
});

describe('pageFindings', () => {
  it('rejects a settings page that trusts its layout', () => {
    const page = (body: string) =>
      parseSource('app/settings/users/page.tsx', `export default async function Page() { ${body} }`);
    expect(pageFindings(page('return <p />;'))).toHaveLength(1);
    expect(pageFindings(page('const asked = await requireViewer(); return <p />;'))).toEqual([]);
  });

  it('rejects a route without a guard at its start, or that writes', () => {
    const route = (text: string) =>
      pageFindings(parseSource('app/settings/users/api-accounts/[id]/timeline/route.ts', text));
    const asks = 'const a = await requireAdministratorForPolling(); if (!a.ok) return refuse(a);';
    expect(route(`export async function GET() { ${asks} return read(); }`)).toEqual([]);
    expect(route('export async function GET() { return read(); }')).toHaveLength(1);
    expect(route(`export async function GET() { await read(); ${asks} }`)).toHaveLength(1);
    expect(route(`export async function POST() { ${asks} return write(); }`)).toHaveLength(1);
  });
});
