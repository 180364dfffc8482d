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
  const declared = first?.type === 'VariableDeclaration' ? first.declarations[0] : undefined;
  const call = declared?.init?.type === 'AwaitExpression' ? declared.init.argument : undefined;
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
