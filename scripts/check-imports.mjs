import { existsSync } from 'node:fs';
import path from 'node:path';
import { brokenRules, resolveImport } from './import-rules.mjs';
import { hasDirective, lineOf, ROOT, readSources, report, walk } from './source-files.mjs';

/** @import { Node, Source } from './source-files.mjs' */

/** Names that say nothing about what is inside. */
const NAMELESS = /(^|\/)(index|utils?|helpers?|types|common|misc)\.(ts|tsx|mjs)$/;
const READS_ENVIRONMENT =
  /^(lib\/(settings|testing\/scale)\.ts$|scripts\/|e2e\/|bench\/|docs\/|[^/]+\.config\.ts$)/;

/** @param {Node} node @returns {boolean} */
function takesOnlyTypes(node) {
  if (node.importKind === 'type' || node.exportKind === 'type') return true;
  const parts = node.specifiers ?? [];
  return (
    parts.length > 0 &&
    parts.every((/** @type {Node} */ part) => part.importKind === 'type' || part.exportKind === 'type')
  );
}

/** @param {Source} source @returns {string[]} */
function findingsIn(source) {
  /** @type {string[]} */
  const findings = [];
  const client = hasDirective(source, 'use client');
  const say = (/** @type {Node} */ node, /** @type {string} */ sentence) =>
    findings.push(`${source.name}:${lineOf(source, node.start)} ${sentence}`);

  walk(source.tree, (node) => {
    if (/^(Import(Declaration|Expression)|Export(Named|All)Declaration)$/.test(node.type) && node.source) {
      const specifier = node.source.value;
      if (typeof specifier !== 'string') return;
      const to = resolveImport(source.name, specifier);
      for (const rule of brokenRules({ from: source.name, to, typeOnly: takesOnlyTypes(node), client })) {
        say(node, rule);
      }
      if (/^[#.]/.test(specifier) && !existsSync(path.join(ROOT, to))) {
        say(node, `${specifier} is no file: imports of ours are written with their extension`);
      }
    }
    const isEnvironment =
      node.type === 'MemberExpression' && node.object.name === 'process' && node.property.name === 'env';
    if (isEnvironment && !READS_ENVIRONMENT.test(source.name) && !/\.test\.tsx?$/.test(source.name)) {
      say(node, 'only lib/settings.ts reads process.env: take what you need from settings()');
    }
  });
  if (NAMELESS.test(source.name))
    findings.push(`${source.name} says nothing by its name: call it by what it does`);
  return findings;
}

const sources = readSources();
report(sources.flatMap(findingsIn), `${sources.length} files import only what they may`);
