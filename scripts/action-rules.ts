import { globSync, readFileSync } from 'node:fs';
import { type Node, parseSource, type Source, walk } from './source-files.ts';

const GUARDS = new Set([
  'requireAdministrator',
  'requireViewer',
  'requireUser',
  'requireSelf',
  'requireSameOrigin',
]);
/** A read-only route may also use the guard for polling. */
const ROUTE_GUARDS = new Set([...GUARDS, 'requireAdministratorForPolling']);
const LOCAL_AUTH_MODULE = /^#lib\/identity\/(passwords|mfa)\//;
const LOCAL_AUTH_GUARD = new Set(['requireLocalAuth']);
/** Actions that also work if single sign-on is the only sign-in method, and why. */
const ALLOWED_WITHOUT_LOCAL_AUTH = new Map([
  ['listReauthMethods', 'lists what the user can re-authenticate with, which is then the provider alone'],
  ['namePasskey', 'does not sign anyone in'],
  ['deletePasskey', 'removes a sign-in method'],
  ['deleteTotp', 'removes a sign-in method'],
]);
const FUNCTION = /^(FunctionDeclaration|FunctionExpression|ArrowFunctionExpression)$/;

const hasDirective = ({ tree }: Source, directive: string): boolean =>
  tree.body.some((node: Node) => node.directive === directive);

/** Lists a file's exports at run time; the node is null if the export is not visibly a function. */
function exportedFunctions({ tree }: Source): [name: string, node: Node | null][] {
  const ifFunction = (node: Node) => (node && FUNCTION.test(node.type) ? node : null);
  return tree.body.flatMap((node: Node) => {
    if (node.exportKind === 'type') return [];
    if (node.type === 'ExportDefaultDeclaration') return [['default', ifFunction(node.declaration)]];
    if (node.type === 'ExportAllDeclaration') return [['*', null]];
    if (node.type !== 'ExportNamedDeclaration') return [];
    const { declaration, specifiers } = node;
    if (!declaration) return specifiers.map(({ exported }: Node) => [exported.name ?? '?', null]);
    if (FUNCTION.test(declaration.type)) return [[declaration.id.name, declaration]];
    if (declaration.type !== 'VariableDeclaration') return [];
    return declaration.declarations.map(({ id, init }: Node) => [id.name ?? '?', ifFunction(init)]);
  });
}

/** Returns whether `const x = <call>` calls one of the guards, and the next statement returns if `!x.ok`. */
function isGuarded(declaration: Node, next: Node, call: Node, guards: Set<string>): boolean {
  if (call?.type !== 'CallExpression' || !guards.has(call.callee.name)) return false;
  const test = next?.type === 'IfStatement' ? next.test : undefined;
  const block = next?.consequent;
  const exit = block?.type === 'BlockStatement' ? block.body.at(-1) : block;
  return (
    test?.type === 'UnaryExpression' &&
    test.operator === '!' &&
    test.argument.object?.name === declaration.id.name &&
    test.argument.property?.name === 'ok' &&
    exit?.type === 'ReturnStatement'
  );
}

/** Returns whether a function begins with `const x = await requireSomething(); if (!x.ok) return …`. */
function beginsWithGuard(node: Node, guards: Set<string>): boolean {
  const [first, second] = node.body?.body ?? [];
  const declaration = first?.declarations?.[0];
  return (
    declaration?.init?.type === 'AwaitExpression' &&
    isGuarded(declaration, second, declaration.init.argument, guards)
  );
}

/** Checks that each server action is in an `actions.ts` and authorises its caller before anything else. */
export function actionFindings(source: Source): string[] {
  const findings: string[] = [];
  walk(source.tree, (node, parent) => {
    if (node.directive === 'use server' && parent?.type !== 'Program')
      findings.push(`${source.name}: 'use server' inside a function: move the action to an actions.ts`);
  });
  if (!hasDirective(source, 'use server')) return findings;
  if (!/^app\/.*\/actions\.ts$/.test(source.name))
    findings.push(`${source.name} has server actions: move them to app/**/actions.ts`);
  for (const [name, node] of exportedFunctions(source)) {
    if (!node || !beginsWithGuard(node, GUARDS)) {
      findings.push(
        `${source.name} ${name} must begin with: const access = await requireAdministrator() (or requireViewer, requireSameOrigin); if (!access.ok) return …`,
      );
      continue;
    }
    const [action] = node.body.body[0].declarations[0].init.argument.arguments;
    if (action && action.value !== name)
      findings.push(
        `${source.name} ${name} passes another action's name to its guard, which records it in the audit log`,
      );
  }
  return findings;
}

/**
 * Checks that an action for passwords, passkeys or codes also requires local authentication, right after its guard:
 * `const x = requireLocalAuth(); if (!x.ok) return x;`.
 */
export function localAuthenticationFindings(source: Source): string[] {
  const importsLocalAuth = source.tree.body.some(
    (node: Node) => node.type === 'ImportDeclaration' && LOCAL_AUTH_MODULE.test(node.source.value),
  );
  if (!hasDirective(source, 'use server') || !importsLocalAuth) return [];
  return exportedFunctions(source).flatMap(([name, node]) => {
    const [first, second] = node?.body?.body?.slice(2) ?? [];
    const declaration = first?.declarations?.[0];
    const hasCheck = isGuarded(declaration, second, declaration?.init, LOCAL_AUTH_GUARD);
    const reason = ALLOWED_WITHOUT_LOCAL_AUTH.get(name);
    if (hasCheck !== (reason !== undefined)) return [];
    return reason
      ? [`${source.name} ${name} must not call requireLocalAuth: it ${reason} (scripts/action-rules.ts)`]
      : [
          `${source.name} ${name} must continue with: const localAuth = requireLocalAuth(); if (!localAuth.ok) return localAuth;`,
        ];
  });
}

/** Checks that each settings page and route has a guard: a layout's guard does not protect them. */
export function pageFindings(source: Source): string[] {
  if (/^app\/settings\/.*\broute\.ts$/.test(source.name)) return routeFindings(source);
  if (!/^app\/settings\/.*\bpage\.tsx$/.test(source.name)) return [];
  let isGuardedPage = false;
  walk(source.tree, (node) => {
    if (node.type === 'AwaitExpression' && GUARDS.has(node.argument.callee?.name)) isGuardedPage = true;
  });
  return isGuardedPage ? [] : [`${source.name} must await requireViewer() or requireAdministrator()`];
}

/** Checks that a route only reads, and begins with a guard. */
function routeFindings(source: Source): string[] {
  return exportedFunctions(source).flatMap(([name, node]) => {
    if (name !== 'GET') return [`${source.name} ${name}: a route only reads; write in a server action`];
    if (node && beginsWithGuard(node, ROUTE_GUARDS)) return [];
    return [
      `${source.name} ${name} must begin with: const access = await requireAdministratorForPolling(); if (!access.ok) return …`,
    ];
  });
}

/** Checks every file that can contain a server action, a page or a route. */
export function checkActions(): string[] {
  const sources = globSync('{app,components,lib,db}/**/*.{ts,tsx}').map((name) =>
    parseSource(name, readFileSync(name, 'utf8')),
  );
  return [actionFindings, localAuthenticationFindings, pageFindings].flatMap((find) => sources.flatMap(find));
}
