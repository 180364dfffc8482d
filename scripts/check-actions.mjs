import { actionFindings, exportedFunctions, ownWaysFindings, pageFindings } from './action-rules.mjs';
import { hasDirective, readSources, report } from './source-files.mjs';

const sources = readSources();
const actions = sources
  .filter((source) => hasDirective(source, 'use server'))
  .flatMap(exportedFunctions).length;
report(
  [actionFindings, ownWaysFindings, pageFindings].flatMap((findings) => sources.flatMap(findings)),
  `${actions} server actions ask who is calling before anything else`,
);
