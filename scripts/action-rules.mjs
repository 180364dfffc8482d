import { hasDirective, lineOf, walk } from './source-files.mjs';

/** @import { Node, Source } from './source-files.mjs' */

const GUARDS = new Set([
  'requireAdministrator',
  'requireViewer',
  'requirePerson',
  'requireSelf',
  'requireSameOrigin',
]);
/** What a route that is only read may ask as well. */
const READING_GUARDS = new Set([...GUARDS, 'requireWatchingAdministrator']);
/** Where passwords, passkeys and codes are taken and set. */
const OWN_WAYS = /^#lib\/(passwords|factors)\//;
const OWN_WAYS_GUARD = new Set(['requireOwnWays']);
/** The actions there that have to work where single sign-on is the only way in, and why. */
const WORKING_WITHOUT_OWN_WAYS = new Map([
  ['listProofs', 'says what one can prove with: the provider alone, by then'],
  ['namePasskey', 'lets nobody in'],
  ['dropPasskey', 'takes a way in away'],
  ['dropTotp', 'takes a way in away'],
]);
const FUNCTION = /^(FunctionDeclaration|FunctionExpression|ArrowFunctionExpression)$/;

/**
 * The functions that a file offers to the browser: name and node. An export that is no function in plain
 * sight comes with `null`, since nobody can see whether it asks.
 * @param {Source} source
 * @returns {[string, Node | null][]}
 */
export function exportedFunctions(source) {
  return source.tree.body.flatMap((/** @type {Node} */ node) => {
    if (node.exportKind === 'type') return [];
    if (node.type === 'ExportDefaultDeclaration') {
      return [['default', FUNCTION.test(node.declaration.type) ? node.declaration : null]];
    }
    if (node.type === 'ExportAllDeclaration') return [['*', null]];
    if (node.type !== 'ExportNamedDeclaration') return [];
    const { declaration } = node;
    if (!declaration) {
      return node.specifiers.map((/** @type {Node} */ each) => [each.exported.name ?? '?', null]);
    }
    if (FUNCTION.test(declaration.type)) return [[declaration.id.name, declaration]];
    if (declaration.type !== 'VariableDeclaration') return [];
    return declaration.declarations.map((/** @type {Node} */ each) => [
      each.id.name ?? '?',
      each.init && FUNCTION.test(each.init.type) ? each.init : null,
    ]);
  });
}

/**
 * Whether a function begins with `const x = await requireSomething(); if (!x.ok) return …`.
 * @param {Node} node
 * @param {Set<string>} [guards]
 */
function asksFirst(node, guards = GUARDS) {
  const [first, second] = node.body?.body ?? [];
  const asked = first?.type === 'VariableDeclaration' ? first.declarations[0].init : undefined;
  return asked?.type === 'AwaitExpression' && asks([first, second], asked.argument, guards);
}

/**
 * Whether the first statement calls one of them, and the second leaves where the answer is no.
 * @param {(Node | undefined)[]} statements
 * @param {Node | undefined} call
 * @param {Set<string>} guards
 */
function asks([first, second], call, guards) {
  const declared = first?.declarations?.[0];
  if (call?.type !== 'CallExpression' || !guards.has(call.callee.name)) return false;
  const test = second?.type === 'IfStatement' ? second.test : undefined;
  const leaves =
    second?.consequent?.type === 'BlockStatement' ? second.consequent.body.at(-1) : second?.consequent;
  return (
    test?.type === 'UnaryExpression' &&
    test.operator === '!' &&
    test.argument.object?.name === declared.id.name &&
    test.argument.property?.name === 'ok' &&
    leaves?.type === 'ReturnStatement'
  );
}

/**
 * What is wrong with a file's server actions.
 * @param {Source} source
 * @returns {string[]}
 */
export function actionFindings(source) {
  /** @type {string[]} */
  const findings = [];
  const isModule = hasDirective(source, 'use server');
  walk(source.tree, (node, parent) => {
    if (node.directive !== 'use server' || parent?.type === 'Program') return;
    findings.push(
      `${source.name}:${lineOf(source, node.start)} 'use server' inside a function: put the action in an actions.ts`,
    );
  });
  if (!isModule) return findings;
  if (!/^app\/.*\/actions\.ts$/.test(source.name))
    findings.push(`${source.name} has actions: they belong in app/**/actions.ts`);
  for (const [name, node] of exportedFunctions(source)) {
    if (node && asksFirst(node)) {
      const said = node.body.body[0].declarations[0].init.argument.arguments[0];
      if (said && said.value !== name)
        findings.push(`${source.name} ${name} asks under another name: the audit log would tell that one`);
      continue;
    }
    findings.push(
      `${source.name} ${name} must begin with: const asked = await requireAdministrator() (or requireViewer, requireSameOrigin); if (!asked.ok) return …`,
    );
  }
  return findings;
}

/**
 * What takes or sets a password, a passkey or a code asks right after its guard whether there are any here, by
 * `const x = requireOwnWays(); if (!x.ok) return x;`.
 * @param {Source} source
 * @returns {string[]}
 */
export function ownWaysFindings(source) {
  const imports = source.tree.body.filter((/** @type {Node} */ node) => node.type === 'ImportDeclaration');
  const hasOwnWays = imports.some((/** @type {Node} */ node) => OWN_WAYS.test(node.source.value));
  if (!hasDirective(source, 'use server') || !hasOwnWays) return [];
  return exportedFunctions(source).flatMap(([name, node]) => {
    const isFree = WORKING_WITHOUT_OWN_WAYS.has(name);
    const [first, second] = node?.body?.body?.slice(2) ?? [];
    const asksForThem = asks([first, second], first?.declarations?.[0].init, OWN_WAYS_GUARD);
    if (isFree !== asksForThem) return [];
    const said = isFree ? 'asks for requireOwnWays, though scripts/action-rules.mjs says' : 'must go on with';
    const why =
      WORKING_WITHOUT_OWN_WAYS.get(name) ?? 'const ways = requireOwnWays(); if (!ways.ok) return ways;';
    return [`${source.name} ${name} ${said}: ${why}`];
  });
}

/**
 * A layout's check does not protect its pages: each page and each route under settings asks by itself.
 * @param {Source} source
 * @returns {string[]}
 */
export function pageFindings(source) {
  if (/^app\/settings\/.*\broute\.ts$/.test(source.name)) return routeFindings(source);
  if (!/^app\/settings\/.*\bpage\.tsx$/.test(source.name)) return [];
  let asks = false;
  walk(source.tree, (node) => {
    if (node.type === 'AwaitExpression' && GUARDS.has(node.argument.callee?.name)) asks = true;
  });
  return asks ? [] : [`${source.name} must ask for itself: await requireViewer() or requireAdministrator()`];
}

/**
 * Each method of a route begins as an action does. What changes something is an action, so a route is only read.
 * @param {Source} source
 * @returns {string[]}
 */
function routeFindings(source) {
  return exportedFunctions(source).flatMap(([name, node]) => {
    if (name !== 'GET')
      return [`${source.name} ${name}: a route is only read; what changes something is an action`];
    if (node && asksFirst(node, READING_GUARDS)) return [];
    return [
      `${source.name} ${name} must begin with: const asked = await requireWatchingAdministrator(); if (!asked.ok) return …`,
    ];
  });
}
