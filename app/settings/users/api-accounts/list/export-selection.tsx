'use client';
import { Download } from 'lucide-react';
import { Button } from '#components/button.tsx';
import { exportSelected } from '../../../jobs/actions.ts';
import { useServerAction } from '../../../use-server-action.ts';
import { useFailureToast } from './use-failure-toast.tsx';

const FORMATS = [
  { format: 'csv', type: 'text/csv', label: 'Export selected as CSV' },
  { format: 'jsonl', type: 'application/jsonl', label: 'Export selected as JSON Lines' },
] as const;

/** Makes the browser save a text as a file. */
function saveFile(name: string, text: string, type: string): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(new Blob([text], { type }));
  link.download = name;
  link.click();
  URL.revokeObjectURL(link.href);
}

/** Exports the selected accounts. By a server action, because a URL could not contain so many ids. */
export function ExportSelection({ ids }: { ids: string[] }) {
  const { run, pending, failure } = useServerAction(exportSelected, null);
  useFailureToast(failure, 'Nothing was exported', 'export');

  async function exportAs({ format, type }: (typeof FORMATS)[number]) {
    const result = await run({ ids, format });
    const date = new Date().toISOString().slice(0, 10);
    if (result) saveFile(`stagedoor-api-accounts-${date}.${format}`, result.text, type);
  }

  return FORMATS.map((each) => (
    <Button key={each.format} size="sm" pending={pending} onClick={() => exportAs(each)}>
      <Download aria-hidden="true" />
      {each.label}
    </Button>
  ));
}
