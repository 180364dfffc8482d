import { describe, expect, it } from 'vitest';
import {
  findActionProblems,
  findDatabaseProblems,
  findLocalAuthProblems,
  findPageProblems,
} from './action-rules.ts';
import { parseSource } from './source-files.ts';

const findingsFor = (text: string, name = 'app/x/actions.ts') =>
  findActionProblems(parseSource(name, `'use server';\n${text}`));

describe('findActionProblems', () => {
  it.each([
    'export async function act() { const access = await requireAdministrator(); if (!access.ok) return access; await write(); }',
    "export async function act() { const access = await requireAdministrator('act'); if (!access.ok) return access; await write(); }",
    'export async function act() { const same = await requireSameOrigin(); if (!same.ok) { return { ok: false }; } }',
    'export const act = async () => { const access = await requireViewer(); if (!access.ok) return access; };',
    'export type Result = { ok: true };',
    'function inside() { return 1; }',
  ])('accepts %s', (text) => {
    expect(findingsFor(text)).toEqual([]);
  });

  it.each([
    [
      "a guard with another action's name",
      "export async function act() { const a = await requireAdministrator('other'); if (!a.ok) return a; await write(); }",
    ],
    ['a missing guard', 'export async function act() { await write(); }'],
    [
      'a guard that is not the first statement',
      'export async function act() { await write(); const a = await requireViewer(); if (!a.ok) return a; }',
    ],
    ['an ignored result', 'export async function act() { const a = await requireViewer(); await write(); }'],
    [
      'a guard that is not awaited',
      'export async function act() { const a = requireViewer(); if (!a.ok) return a; }',
    ],
    [
      'a refusal that continues',
      'export async function act() { const a = await requireViewer(); if (!a.ok) note(); await write(); }',
    ],
    [
      'a check of another result',
      'export async function act() { const a = await requireViewer(); if (!b.ok) return b; }',
    ],
    ['a custom guard', 'export async function act() { const a = await checkMyself(); if (!a.ok) return a; }'],
    ['an arrow function without a body', 'export const act = async () => write();'],
    ['a wrapper', 'export const act = guarded(async () => write());'],
    ['a re-export', "export { act } from './act.ts';"],
    ['an export of everything from another file', "export * from './act.ts';"],
    ['a default export', 'export default async function act() { await write(); }'],
  ])('rejects %s', (_, text) => {
    expect(findingsFor(text)).toHaveLength(1);
  });

  it('rejects actions in a file with another name', () => {
    expect(findingsFor('', 'lib/x/act.ts')).toEqual([expect.stringContaining('app/**/actions.ts')]);
  });

  it('rejects an action inside a function', () => {
    const source = parseSource('app/x/page.tsx', "const f = async () => { 'use server'; await write(); };");
    expect(findActionProblems(source)).toHaveLength(1);
  });
});

describe('findLocalAuthProblems', () => {
  const guard = 'const a = await requireSelf(); if (!a.ok) return a;';
  const localAuth = 'const w = requireLocalAuth(); if (!w.ok) return w;';
  // `removeOwnTotp` is in `ALLOWED_WITHOUT_LOCAL_AUTH`, so unlike `act` it must not call `requireLocalAuth`.
  const findingsFor = (
    text: string,
    from = '#lib/identity/mfa/reauthenticate.ts',
    directive = 'use server',
  ) =>
    findLocalAuthProblems(
      parseSource('app/x/actions.ts', `'${directive}';\nimport { a } from '${from}';\n${text}`),
    );

  it.each([
    `export async function act() { ${guard} ${localAuth} return write(); }`,
    `export async function removeOwnTotp() { ${guard} return write(); }`,
  ])('accepts %s', (text) => {
    expect(findingsFor(text)).toEqual([]);
  });

  it.each([
    `export async function act() { ${guard} return write(); }`,
    `export async function act() { ${guard} await write(); ${localAuth} }`,
    `export async function act() { ${guard} const w = requireLocalAuth(); await write(); }`,
    `export async function act() { ${guard} requireLocalAuth(); return write(); }`,
    `export async function removeOwnTotp() { ${guard} ${localAuth} return write(); }`,
    'export const act = async () => write();',
  ])('rejects %s', (text) => {
    expect(findingsFor(text)).toHaveLength(1);
    expect(findingsFor(text, '#lib/identity/passwords/change.ts')).toHaveLength(1);
  });

  it('checks only server actions, and only in files that import passwords or MFA', () => {
    const text = `export async function act() { ${guard} return write(); }`;
    expect(findingsFor(text, '#lib/identity/users/invite.ts')).toEqual([]);
    expect(findingsFor(text, '#lib/identity/mfa/reauthenticate.ts', 'use client')).toEqual([]);
  });
});

describe('findPageProblems', () => {
  it('rejects a settings page without a guard of its own', () => {
    const page = (body: string) =>
      parseSource('app/settings/users/page.tsx', `export default async function Page() { ${body} }`);
    expect(findPageProblems(page('return <p />;'))).toHaveLength(1);
    expect(findPageProblems(page('const access = await requireViewer(); return <p />;'))).toEqual([]);
  });

  it('accepts a page without a guard only if it renders nothing', () => {
    const page = (body: string) =>
      parseSource('app/settings/x/@sheet/page.tsx', `export default function Page() { ${body} }`);
    expect(findPageProblems(page('return null;'))).toEqual([]);
    expect(findPageProblems(page('read(); return null;'))).toHaveLength(1);
  });

  it('rejects a route that does not begin with a guard, or that writes', () => {
    const route = (text: string) =>
      findPageProblems(parseSource('app/settings/users/api-accounts/[id]/timeline/route.ts', text));
    const guard = 'const a = await requireAdministratorForPolling(); if (!a.ok) return refuse(a);';
    expect(route(`export async function GET() { ${guard} return read(); }`)).toEqual([]);
    expect(route('export async function GET() { return read(); }')).toHaveLength(1);
    expect(route(`export async function GET() { await read(); ${guard} }`)).toHaveLength(1);
    expect(route(`export async function POST() { ${guard} return write(); }`)).toHaveLength(1);
  });
});

describe('findDatabaseProblems', () => {
  const importing = (value: string) => `import { ${value} } from '#lib/platform/database.ts';`;

  it.each([
    ['app/reveal/actions.ts', 'publicDatabase'],
    ['app/settings/users/actions.ts', 'database'],
    ['app/settings/reauth/actions.ts', 'database, databasePool'],
    ['lib/identity/sessions/require-role.ts', 'database'],
  ])('accepts %s with %s', (name, value) => {
    expect(findDatabaseProblems(parseSource(name, importing(value)))).toEqual([]);
  });

  it.each([
    ['app/reveal/actions.ts', 'database'],
    ['app/enforce-rate-limit.ts', 'databasePool'],
    ['app/settings/users/page.tsx', 'publicDatabase'],
  ])('rejects %s with %s', (name, value) => {
    expect(findDatabaseProblems(parseSource(name, importing(value)))).toHaveLength(1);
  });
});
