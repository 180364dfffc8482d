'use client';
import { useRouter } from 'next/navigation';
import { type FormEvent, useRef, useState } from 'react';
import { Button } from '#components/button.tsx';
import { formatCount } from '#components/format.ts';
import { Meter } from '#components/meter.tsx';
import { TextField } from '#components/text-field.tsx';
import { IMPORT_PART_BYTES, MAX_IMPORT_BYTES, MAX_IMPORT_ROWS } from '#lib/bulk-jobs/limits.ts';
import { ActionFailure } from '../../action-failure.tsx';
import { OUTDATED, useServerAction } from '../../use-server-action.ts';
import { beginImportJob, finishImportUpload, uploadImportPart } from '../actions.ts';
import { buildJobHref } from '../job-labels.ts';

const MEGABYTES = MAX_IMPORT_BYTES / 1024 / 1024;
const DESCRIPTION = `CSV in UTF-8, up to ${MEGABYTES} MB and ${formatCount(MAX_IMPORT_ROWS)} rows. Nothing is created yet: you see first what is wrong with which row.`;

/** Returns why a file cannot be uploaded; undefined if it can. */
function findFileError(file: File | undefined): string | undefined {
  if (!file) return 'Select a file.';
  if (file.size === 0) return 'This file is empty. Select another one.';
  return file.size > MAX_IMPORT_BYTES
    ? `This file is larger than ${MEGABYTES} MB. Split it into several files.`
    : undefined;
}

const UNREADABLE = 'The file was changed or removed since you selected it. Select it again.';

const countParts = (file: File) => Math.ceil(file.size / IMPORT_PART_BYTES);

/** Reads a part of a file, in base64; null if the file was changed or removed. */
async function readPart(file: File, part: number): Promise<string | null> {
  const slice = file.slice(part * IMPORT_PART_BYTES, (part + 1) * IMPORT_PART_BYTES);
  try {
    const bytes = new Uint8Array(await slice.arrayBuffer());
    return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(''));
  } catch {
    // The browser's console has the cause.
    return null;
  }
}

/**
 * Uploads a file in parts, one after the other, so that neither the browser nor the server holds it as a whole.
 * `upload` returns the id of its job; undefined if that failed.
 */
function useUpload(setError: (error: string) => void) {
  const [progress, setProgress] = useState<{ parts: number; total: number } | null>(null);
  const begin = useServerAction(beginImportJob, null);
  const send = useServerAction(uploadImportPart, null);
  const finish = useServerAction(finishImportUpload, null);

  async function uploadParts(file: File): Promise<string | undefined> {
    const total = countParts(file);
    setProgress({ parts: 0, total });
    const begun = await begin.run({ id: crypto.randomUUID() });
    if (!begun) return undefined;
    const { id } = begun;
    for (let part = 0; part < total; part += 1) {
      const content = await readPart(file, part);
      if (content === null) return void setError(UNREADABLE);
      const stored = await send.run({ id, part, content });
      if (!stored) return undefined;
      if (!stored.ok) return void send.setFailure(OUTDATED);
      setProgress({ parts: part + 1, total });
    }
    const finished = await finish.run({ id, parts: total });
    if (finished && !finished.ok) finish.setFailure(OUTDATED);
    return finished?.ok ? id : undefined;
  }

  async function upload(file: File): Promise<string | undefined> {
    const id = await uploadParts(file);
    if (!id) setProgress(null);
    return id;
  }

  return { upload, progress, failure: begin.failure ?? send.failure ?? finish.failure };
}

/** Uploads a file of accounts, and opens the page that shows what is wrong with its rows. */
export function UploadForm() {
  const router = useRouter();
  const input = useRef<HTMLInputElement>(null);
  const [error, setError] = useState<string>();
  const { upload, progress, failure } = useUpload(setError);

  async function submit(event: FormEvent) {
    event.preventDefault();
    const file = input.current?.files?.[0];
    const fileError = findFileError(file);
    setError(fileError);
    if (!file || fileError) return input.current?.focus();
    const id = await upload(file);
    if (id) router.push(buildJobHref(id));
  }

  return (
    <form
      onSubmit={submit}
      noValidate
      className="grid justify-items-start gap-4 rounded-lg border border-line bg-surface p-5 shadow-card"
    >
      <TextField
        ref={input}
        type="file"
        name="file"
        label="CSV file"
        accept=".csv,text/csv"
        description={DESCRIPTION}
        error={error}
        className="w-full"
        onChange={() => setError(undefined)}
      />
      {progress && (
        <div className="w-full">
          <Meter
            label="Upload"
            value={progress.parts}
            max={progress.total}
            tone="info"
            valueText={`${Math.round((progress.parts / progress.total) * 100)} % uploaded`}
          />
        </div>
      )}
      <ActionFailure failure={failure} />
      <Button type="submit" variant="primary" pending={progress !== null} pendingLabel="Uploading…">
        Upload and check
      </Button>
    </form>
  );
}
