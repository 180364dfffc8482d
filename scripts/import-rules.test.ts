import { describe, expect, it } from 'vitest';
import { brokenRules, resolveImport } from './import-rules.mjs';

const broken = (from: string, to: string, more: { typeOnly?: boolean; client?: boolean } = {}) =>
  brokenRules({ from, to, typeOnly: false, client: false, ...more }).length > 0;

describe('brokenRules', () => {
  it.each([
    ['lib/reveals/open.ts', 'app/reveal/actions.ts'],
    ['lib/reveals/open.ts', 'components/button.tsx'],
    ['db/client.ts', 'lib/log.ts'],
    ['components/button.tsx', 'app/layout.tsx'],
    ['lib/reveals/open.ts', 'lib/api-accounts/create.ts'],
    ['lib/verifier/server.ts', 'lib/auth/session.ts'],
    ['lib/verifier/server.ts', 'db/client.ts'],
    ['lib/worker/run.ts', 'next/headers'],
    ['lib/auth/password.ts', 'server-only'],
    ['lib/users/create.ts', '@node-rs/argon2'],
    ['app/reveal/actions.ts', 'pg'],
    ['lib/api-accounts/list.ts', 'postgres'],
    ['lib/reveals/start.ts', 'pg-boss'],
    ['lib/messages/send-text.ts', '@aws-sdk/client-sns'],
    ['lib/brand-new/act.ts', 'lib/log.ts'],
    ['docs/gateways/express/server.ts', 'lib/log.ts'],
    ['docs/gateways/express/server.ts', 'docs/gateways/hono/check-api-key.ts'],
    ['scripts/worker.ts', 'lib/testing/accounts.ts'],
  ])('%s may not import %s', (from, to) => {
    expect(broken(from, to)).toBe(true);
  });

  it.each([
    ['app/reveal/actions.ts', 'lib/reveals/open.ts'],
    ['lib/api-accounts/create.ts', 'lib/reveals/start.ts'],
    ['lib/reveals/open.ts', 'db/schema/reveals.ts'],
    ['lib/verifier/connection.ts', 'postgres'],
    ['lib/verifier/server.ts', 'lib/api-keys/digest.ts'],
    ['lib/auth/session.ts', 'next/headers'],
    ['lib/queue/enqueue.ts', 'pg-boss'],
    ['scripts/web.ts', 'next'],
    ['e2e/reveal.spec.ts', 'scripts/postgres.ts'],
    ['db/client.test.ts', 'scripts/postgres.ts'],
    ['docs/gateways/express/server.ts', 'express'],
    ['docs/gateways/express/server.ts', 'docs/gateways/express/check-api-key.ts'],
    ['docs/gateways/testing/scene.ts', 'lib/testing/verifying.ts'],
    ['lib/reveals/link.test.ts', 'lib/testing/accounts.ts'],
    ['scripts/try-standby.ts', 'lib/testing/accounts.ts'],
    ['bench/away.ts', 'lib/testing/tcp-proxy.ts'],
  ])('%s may import %s', (from, to) => {
    expect(broken(from, to)).toBe(false);
  });

  it("lets a 'use client' file have values from pure files only, and any type", () => {
    const from = 'app/reveal/reveal-form.tsx';
    expect(broken(from, 'lib/reveals/schema.ts', { client: true })).toBe(false);
    expect(broken(from, 'lib/reveals/open.ts', { client: true })).toBe(true);
    expect(broken(from, 'lib/reveals/open.ts', { client: true, typeOnly: true })).toBe(false);
    expect(broken(from, 'node:crypto', { client: true })).toBe(true);
  });
});

describe('resolveImport', () => {
  it('makes one name of the three ways to write an import', () => {
    expect(resolveImport('lib/a/b.ts', '#lib/a/c.ts')).toBe('lib/a/c.ts');
    expect(resolveImport('lib/a/b.ts', './c.ts')).toBe('lib/a/c.ts');
    expect(resolveImport('lib/a/b.ts', 'pg')).toBe('pg');
  });
});
