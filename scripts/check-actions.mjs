import { actionFindings, exportedFunctions, pageFindings } from './action-rules.mjs';
import { hasDirective, readSources, report } from './source-files.mjs';

const sources = readSources();
const actions = sources
  .filter((source) => hasDirective(source, 'use server'))
  .flatMap(exportedFunctions).length;
report(
  [...sources.flatMap(actionFindings), ...sources.flatMap(pageFindings)],
  `${actions} server actions ask who is calling before anything else`,
);
