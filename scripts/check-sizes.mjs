import { lineOf, readSources, report, walk } from './source-files.mjs';

/** @import { Source } from './source-files.mjs' */

const LONGEST_FILE = 200;
const LONGEST_PAGE = 60;
const LONGEST_FUNCTION = 60;
const LONGEST_ACTION = 20;
const FUNCTION = /^(FunctionDeclaration|FunctionExpression|ArrowFunctionExpression)$/;
const isTest = (/** @type {Source} */ { name }) => /\.(test|spec)\.tsx?$/.test(name);

/** @param {Source} source @returns {string[]} */
function findingsIn(source) {
  const lines = source.text.trimEnd().split('\n').length;
  const limit = source.name.endsWith('/page.tsx') ? LONGEST_PAGE : LONGEST_FILE;
  const findings = lines > limit ? [`${source.name} has ${lines} lines; ${limit} is the most`] : [];
  // The function that `describe` takes is a list of tests, each of which is measured.
  if (isTest(source)) return findings;
  const longest = source.name.endsWith('/actions.ts') ? LONGEST_ACTION : LONGEST_FUNCTION;
  walk(source.tree, (node) => {
    if (!FUNCTION.test(node.type)) return;
    const from = lineOf(source, node.start);
    const length = lineOf(source, node.end) - from + 1;
    if (length > longest) {
      findings.push(`${source.name}:${from} a function of ${length} lines; ${longest} is the most`);
    }
  });
  return findings;
}

const sources = readSources();
report(sources.flatMap(findingsIn), `${sources.length} files are of a size that can be read`);
