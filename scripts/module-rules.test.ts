import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { cruise, type ICruiseResult } from 'dependency-cruiser';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import config from '../.dependency-cruiser.mjs';

const CLIENT_FILE = 'app/reveal/code-form.tsx';
const TYPE = 'type:';

/** A file, what it imports (a type-only import has the prefix `type:`), and the rule that this violates. */
const FORBIDDEN: [from: string, to: string, rule: string][] = [
  ['lib/key-delivery/reveal/submit-code.ts', 'app/reveal/actions.ts', 'layer-lib'],
  ['lib/key-delivery/reveal/open.ts', 'components/button.tsx', 'layer-lib'],
  ['lib/key-delivery/reveal/open.ts', 'scripts/ports.ts', 'layer-lib'],
  ['db/client.ts', 'lib/platform/log.ts', 'layer-db'],
  ['components/button.tsx', 'app/layout.tsx', 'layer-components'],
  ['scripts/web.ts', 'cli/admin.ts', 'layer-scripts'],
  ['cli/admin.ts', 'app/layout.tsx', 'layer-cli'],
  ['lib/key-delivery/reveal/open.ts', 'lib/api-accounts/create.ts', 'lib-key-delivery'],
  ['lib/notifications/sms/send-sms.ts', `${TYPE}lib/identity/users/schema.ts`, 'lib-notifications'],
  ['lib/verifier/server.ts', 'lib/worker/run.ts', 'lib-verifier'],
  ['lib/verifier/server.ts', `${TYPE}lib/identity/users/schema.ts`, 'verifier-isolated'],
  ['lib/verifier/server.ts', 'db/client.ts', 'verifier-isolated'],
  ['lib/brand-new/create.ts', 'lib/platform/log.ts', 'lib-new-folder'],
  ['lib/loose-file.ts', 'lib/platform/log.ts', 'lib-new-folder'],
  ['lib/worker/run.ts', 'next/headers', 'next-only-in-web'],
  ['lib/identity/passwords/hash.ts', 'server-only', 'next-only-in-web'],
  ['components/button.tsx', 'next/headers', 'next-in-components'],
  ['lib/identity/users/create.ts', '@node-rs/argon2', 'wrapped-node-rs-argon2'],
  ['app/reveal/actions.ts', 'pg', 'wrapped-pg'],
  ['lib/api-accounts/list.ts', 'postgres', 'wrapped-postgres'],
  ['lib/key-delivery/reveal/start.ts', 'pg-boss', 'wrapped-pg-boss'],
  ['lib/notifications/sms/send-sms.ts', '@aws-sdk/client-sns', 'wrapped-aws-sdk-client-sns'],
  ['clients/express/check-api-key.ts', 'lib/platform/log.ts', 'package-isolated'],
  ['clients/express/check-api-key.ts', 'clients/hono/check-api-key.ts', 'package-isolated'],
  ['clients/verifier/create-verifier.ts', 'lib/identity/users/create.ts', 'package-of-verifier'],
  ['clients/verifier/create-verifier.ts', 'clients/shared/verify.ts', 'package-of-verifier'],
  ['scripts/web.ts', 'clients/hono/check-api-key.ts', 'layer-scripts'],
  ['scripts/worker.ts', 'lib/testing/accounts.ts', 'lib-testing'],
  ['lib/identity/sessions/require-role.ts', '#lib/missing', 'resolvable'],
  ['lib/audit/chain.ts', 'lib/audit/digest.ts', 'no-cycle'],
  [CLIENT_FILE, 'lib/key-delivery/reveal/open.ts', 'client-lib'],
  [CLIENT_FILE, 'db/client.ts', 'client-lib'],
  [CLIENT_FILE, 'node:crypto', 'client-node'],
];

const ALLOWED: [from: string, to: string][] = [
  // The other half of the cycle above: a cycle is reported once.
  ['lib/audit/digest.ts', 'lib/audit/chain.ts'],
  ['app/reveal/actions.ts', 'lib/key-delivery/reveal/open.ts'],
  ['lib/api-accounts/create.ts', 'lib/key-delivery/reveal/start.ts'],
  ['lib/identity/users/create.ts', 'lib/notifications/queue/queue-message.ts'],
  ['lib/key-delivery/reveal/open.ts', 'db/schema/reveals.ts'],
  ['lib/verifier/connection.ts', 'postgres'],
  ['lib/verifier/server.ts', 'lib/api-keys/api-key.ts'],
  ['lib/identity/sessions/require-role.ts', 'next/headers'],
  ['components/button.tsx', 'next/link'],
  ['lib/notifications/queue/queue-message.ts', 'pg-boss'],
  ['scripts/web.ts', 'next'],
  ['e2e/reveal.spec.ts', 'scripts/ports.ts'],
  ['db/client.test.ts', 'scripts/ports.ts'],
  ['lib/testing/replication.ts', 'scripts/ports.ts'],
  ['clients/express/example/server.ts', 'express'],
  ['clients/express/example/server.ts', 'clients/express/check-api-key.ts'],
  ['clients/express/check-api-key.ts', 'clients/shared/verify.ts'],
  ['clients/verifier/create-verifier.ts', 'lib/verifier/verification.ts'],
  ['clients/verifier/create-verifier.ts', 'db/database-url.ts'],
  ['bench/serve.ts', 'clients/verifier/create-verifier.ts'],
  ['clients/express/express.process.test.ts', 'docs/gateways/testing/gateway-tests.ts'],
  ['clients/packages.soak.test.ts', 'clients/pack.ts'],
  ['clients/pack.ts', 'scripts/ports.ts'],
  ['docs/gateways/testing/test-bed.ts', 'lib/testing/accounts.ts'],
  ['lib/key-delivery/reveal/link.test.ts', 'lib/testing/accounts.ts'],
  ['bench/audit-log.ts', 'lib/testing/accounts.ts'],
  [CLIENT_FILE, 'lib/key-delivery/reveal/schema.ts'],
  [CLIENT_FILE, 'lib/notifications/message-catalogue/en.ts'],
  [CLIENT_FILE, `${TYPE}lib/key-delivery/reveal/link.ts`],
];

const VAGUE_NAME = 'lib/key-delivery/reveal/helpers.ts';

let folder: string;
let violations: Set<string>;

const isFile = (name: string) => /\.tsx?$/.test(name);
const formatImport = (from: string, to: string) => `${from} → ${to.replace(TYPE, '').replace('node:', '')}`;

/** Writes files with these imports, and runs dependency-cruiser on all of them. */
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'stagedoor-rules-'));
  const files = new Map<string, string>([[VAGUE_NAME, '']]);
  for (const [from, to] of [...FORBIDDEN, ...ALLOWED]) {
    const target = to.replace(TYPE, '');
    const specifier = isFile(target) ? path.relative(path.dirname(from), target) : target;
    const keyword = to.startsWith(TYPE) ? 'import type' : 'import';
    // The length so far gives each import of a file another name.
    const line = `${keyword} { x${(files.get(from) ?? '').length} } from '${specifier.replace(/^(?!\.)(?=.*\.tsx?$)/, './')}';\n`;
    files.set(from, (files.get(from) ?? '') + line);
    if (isFile(target) && !files.has(target)) files.set(target, '');
  }
  for (const [name, content] of files) {
    await mkdir(path.join(folder, path.dirname(name)), { recursive: true });
    await writeFile(path.join(folder, name), content);
  }
  const { forbidden = [], required = [], options = {} } = config;
  const { output } = await cruise([...files.keys()], {
    ...options,
    ruleSet: { forbidden, required },
    validate: true,
    baseDir: folder,
  });
  const { summary } = output as ICruiseResult;
  violations = new Set(
    summary.violations.map(({ from, to, rule }) => `${formatImport(from, to)}: ${rule.name}`),
  );
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe('module rules', () => {
  it.each(FORBIDDEN)('reject that %s imports %s (%s)', (from, to, rule) => {
    expect([...violations].filter((line) => line.startsWith(formatImport(from, to)))).toContain(
      `${formatImport(from, to)}: ${rule}`,
    );
  });

  it.each(ALLOWED)('allow that %s imports %s', (from, to) => {
    const lines = [...violations].filter((line) => line.startsWith(`${formatImport(from, to)}:`));
    // No package is installed in the temporary folder, so each import of a package violates `resolvable`.
    expect(lines.filter((line) => isFile(to) || !line.endsWith(': resolvable'))).toEqual([]);
  });

  it('reject a vague file name', () => {
    // A violation by a file itself is reported as if the file imported itself.
    expect(violations).toContain(`${formatImport(VAGUE_NAME, VAGUE_NAME)}: vague-file-name`);
  });
});
