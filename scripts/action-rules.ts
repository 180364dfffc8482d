import { globSync, readFileSync } from 'node:fs';
import { type Node, parseSource, type Source, walkTree } from './source-files.ts';

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
const LOCAL_AUTH_GUARDS = new Set(['requireLocalAuth']);
/** Actions that must also work if single sign-on is the only sign-in method, and why. */
const ALLOWED_WITHOUT_LOCAL_AUTH = new Map([
  ['listReauthMethods', 'lists the re-authentication methods, of which only the provider is left'],
  ['renameOwnPasskey', 'does not sign anyone in'],
  ['removeOwnPasskey', 'removes a sign-in method'],
  ['removeOwnTotp', 'removes a sign-in method'],
]);
const FUNCTION_TYPE = /^(FunctionDeclaration|FunctionExpression|ArrowFunctionExpression)$/;

const hasDirective = ({ tree }: Source, directive: string): boolean =>
  tree.body.some((node: Node) => node.directive === directive);

/** Lists the values that a file exports, with the node of each function; null if an export is not visibly a function. */
function listExportedFunctions({ tree }: Source): [name: string, node: Node | null][] {
  const toFunction = (node: Node) => (node && FUNCTION_TYPE.test(node.type) ? node : null);
  return tree.body.flatMap((node: Node) => {
    if (node.exportKind === 'type') return [];
    if (node.type === 'ExportDefaultDeclaration') return [['default', toFunction(node.declaration)]];
    if (node.type === 'ExportAllDeclaration') return [['*', null]];
    if (node.type !== 'ExportNamedDeclaration') return [];
    const { declaration, specifiers } = node;
    if (!declaration) return specifiers.map(({ exported }: Node) => [exported.name ?? '?', null]);
    if (FUNCTION_TYPE.test(declaration.type)) return [[declaration.id.name, declaration]];
    if (declaration.type !== 'VariableDeclaration') return [];
    return declaration.declarations.map(({ id, init }: Node) => [id.name ?? '?', toFunction(init)]);
  });
}

/** Returns whether a declaration `const x = <call>` calls one of the guards, and the next statement is `if (!x.ok) return`. */
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
export function findActionProblems(source: Source): string[] {
  const findings: string[] = [];
  walkTree(source.tree, (node, parent) => {
    if (node.directive === 'use server' && parent?.type !== 'Program')
      findings.push(`${source.name}: 'use server' inside a function: move the action to an actions.ts`);
  });
  if (!hasDirective(source, 'use server')) return findings;
  if (!/^app\/.*\/actions\.ts$/.test(source.name))
    findings.push(`${source.name} has server actions: move them to app/**/actions.ts`);
  for (const [name, node] of listExportedFunctions(source)) {
    if (!node || !beginsWithGuard(node, GUARDS)) {
      findings.push(
        `${source.name} ${name} must begin with: const access = await requireAdministrator() (or another of GUARDS in scripts/action-rules.ts); if (!access.ok) return …`,
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
 * Checks that each action in a file that imports passwords or MFA also requires local authentication, right after its
 * guard: `const x = requireLocalAuth(); if (!x.ok) return x;`. The actions of `ALLOWED_WITHOUT_LOCAL_AUTH` must not.
 */
export function findLocalAuthProblems(source: Source): string[] {
  const importsLocalAuth = source.tree.body.some(
    (node: Node) => node.type === 'ImportDeclaration' && LOCAL_AUTH_MODULE.test(node.source.value),
  );
  if (!hasDirective(source, 'use server') || !importsLocalAuth) return [];
  return listExportedFunctions(source).flatMap(([name, node]) => {
    const [, , third, fourth] = node?.body?.body ?? [];
    const declaration = third?.declarations?.[0];
    const hasCheck = isGuarded(declaration, fourth, declaration?.init, LOCAL_AUTH_GUARDS);
    const reason = ALLOWED_WITHOUT_LOCAL_AUTH.get(name);
    if (hasCheck !== (reason !== undefined)) return [];
    return reason
      ? [
          `${source.name} ${name} must not call requireLocalAuth: it ${reason} (ALLOWED_WITHOUT_LOCAL_AUTH in scripts/action-rules.ts)`,
        ]
      : [
          `${source.name} ${name} must continue with: const localAuth = requireLocalAuth(); if (!localAuth.ok) return localAuth;`,
        ];
  });
}

/** Returns whether a page always renders nothing: its only statement is `return null`. */
function isEmptyPage(source: Source): boolean {
  const page = listExportedFunctions(source).find(([name]) => name === 'default')?.[1];
  const [statement, ...others] = page?.body?.body ?? [];
  return (
    others.length === 0 &&
    statement?.type === 'ReturnStatement' &&
    statement.argument?.type === 'Literal' &&
    statement.argument.value === null
  );
}

/** Checks that each settings page and route has a guard: a layout's guard does not protect them. */
export function findPageProblems(source: Source): string[] {
  if (/^app\/settings\/.*\broute\.ts$/.test(source.name)) return findRouteProblems(source);
  if (!/^app\/settings\/.*\bpage\.tsx$/.test(source.name) || isEmptyPage(source)) return [];
  let isGuardedPage = false;
  walkTree(source.tree, (node) => {
    if (node.type === 'AwaitExpression' && GUARDS.has(node.argument.callee?.name)) isGuardedPage = true;
  });
  return isGuardedPage ? [] : [`${source.name} must await requireViewer() or requireAdministrator()`];
}

/** Checks that a route exports only GET, which begins with a guard. */
function findRouteProblems(source: Source): string[] {
  return listExportedFunctions(source).flatMap(([name, node]) => {
    if (name !== 'GET')
      return [`${source.name} ${name}: a route may only read: move the write to a server action`];
    if (node && beginsWithGuard(node, ROUTE_GUARDS)) return [];
    return [
      `${source.name} ${name} must begin with a guard, such as: const access = await requireAdministrator('…'); if (!access.ok) return …`,
    ];
  });
}

const PUBLIC_DATABASE = new Set(['publicDatabase', 'publicDatabasePool']);

/**
 * Checks that the code of requests that need no session uses the pool for such requests, so that unauthenticated
 * clients cannot occupy the connections of signed-in users, and that the settings do not use that pool.
 */
export function findDatabaseProblems({ name, tree }: Source): string[] {
  if (!name.startsWith('app/')) return [];
  const imported: string[] = tree.body
    .filter((node: Node) => node.source?.value === '#lib/platform/database.ts')
    .flatMap(({ specifiers }: Node) => specifiers.map((specifier: Node) => specifier.imported?.name));
  const isSettings = name.startsWith('app/settings/');
  return imported
    .filter((value) => PUBLIC_DATABASE.has(value) === isSettings)
    .map((value) =>
      isSettings
        ? `${name} must not import ${value}: signed-in users have a pool of their own, database()`
        : `${name} must not import ${value}: requests without a session have a pool of their own, publicDatabase()`,
    );
}

/** Checks every file that can contain a server action, a page or a route. */
export function checkActions(): string[] {
  const sources = globSync('{app,components,lib,db}/**/*.{ts,tsx}').map((name) =>
    parseSource(name, readFileSync(name, 'utf8')),
  );
  return [findActionProblems, findLocalAuthProblems, findPageProblems, findDatabaseProblems].flatMap((find) =>
    sources.flatMap(find),
  );
}
