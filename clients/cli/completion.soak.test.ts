import { execFile } from 'node:child_process';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findProgram } from '../../scripts/machine-programs.ts';

const run = promisify(execFile);
const PROGRAM = path.join(import.meta.dirname, 'stagedoor.ts');

/** Scripts that print what Tab completes after `$1`. Each shell loads the script that `stagedoor completion` generates. */
const SCRIPTS: Record<string, string> = {
  // Without the package bash-completion, a function with what the generated script needs of it.
  bash: `
    _get_comp_words_by_ref() { words=("\${COMP_WORDS[@]}"); cur=\${COMP_WORDS[COMP_CWORD]}; }
    if [ -f /usr/share/bash-completion/bash_completion ]; then . /usr/share/bash-completion/bash_completion; fi
    # It marks itself as completing only when readline runs.
    compopt() { :; }
    source <(stagedoor completion bash)
    COMP_LINE=$1; COMP_POINT=\${#1}; read -ra COMP_WORDS <<< "$1"
    case $1 in *' ') COMP_WORDS+=('');; esac
    COMP_CWORD=$(( \${#COMP_WORDS[@]} - 1 ))
    complete -p stagedoor > /dev/null && __stagedoor_complete
    printf '%s\\n' "\${COMPREPLY[@]}"`,
  fish: `stagedoor completion fish | source; complete -C $argv[1]`,
  // Tab exists only in an interactive shell, so this one types into another. The markers differ from what is typed,
  // which the shell repeats. The keys are those of Emacs, also if EDITOR is vi. The first Tab completes, or shows a list.
  zsh: `
    zmodload zsh/zpty
    zpty shell zsh -f -i
    zpty -w shell "PS1=''; stty columns 200; bindkey -e"
    zpty -w shell 'autoload -Uz compinit; compinit -u -D'
    zpty -w shell 'source <(stagedoor completion zsh)'
    zpty -w shell "print load''ed:"
    zpty -r -m shell output '*loaded:*'
    zpty -w -n shell "$1"$'\\t'
    zpty -w -n shell $'\\C-a\\C-k'
    zpty -w shell "print end''ed:"
    zpty -r -m shell output '*ended:*'
    print -r -- "$output"
    zpty -w shell exit`,
};
const ARGUMENTS: Record<string, string[]> = {
  bash: ['--norc', '-c'],
  fish: ['--no-config', '-c'],
  zsh: ['-f', '-c'],
};
/** The shells of this machine. */
const SHELLS = Object.keys(SCRIPTS).flatMap((name) => {
  const program = findProgram(name);
  return program ? [{ name, program }] : [];
});

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'stagedoor-completion-'));
  const command = path.join(folder, 'stagedoor');
  await writeFile(command, `#!/bin/sh\nexec '${process.execPath}' '${PROGRAM}' "$@"\n`);
  await chmod(command, 0o755);
  for (const name of ['companies.csv', 'notes.txt']) await writeFile(path.join(folder, name), '');
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe.each(SHELLS)('completion in $name', ({ name, program }) => {
  /** Returns what Tab shows, one value a line, perhaps with a description. */
  async function complete(typed: string): Promise<string> {
    const args = [...(ARGUMENTS[name] ?? []), SCRIPTS[name] ?? ''];
    // The name of the script comes before its arguments, except in fish.
    const { stdout } = await run(program, [...args, ...(name === 'fish' ? [] : ['sh']), typed], {
      cwd: folder,
      timeout: 30_000,
      env: { ...process.env, PATH: `${folder}:${process.env.PATH}`, HOME: folder, TERM: 'dumb' },
    });
    return stdout;
  }

  it('lists commands', async () => {
    const output = await complete('stagedoor accounts de');
    for (const value of ['deactivate', 'delete']) expect(output).toContain(value);
    expect(output).not.toMatch(/update|companies/);
  });

  it('lists values of options, and the CSV files of the folder', async () => {
    const [values, files] = await Promise.all([
      complete('stagedoor accounts list --status '),
      complete('stagedoor accounts import '),
    ]);
    expect(values).toContain('delivery_failed');
    expect(files).toContain('companies.csv');
    expect(files).not.toContain('notes.txt');
  });
});
