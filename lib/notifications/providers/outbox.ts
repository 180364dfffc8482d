import { randomUUID } from 'node:crypto';
import { mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import type { SendResult } from './send-result.ts';

const contentSchema = z.object({
  channel: z.enum(['email', 'sms']),
  to: z.string(),
  subject: z.string().nullable(),
  text: z.string(),
  html: z.string().nullable(),
  /** ISO 8601. */
  sentAt: z.string(),
});

/** A message in the outbox. The id is in the file's name, the rest in its content. */
export type OutboxMessage = z.infer<typeof contentSchema> & { id: string };

const UUID = '[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}';
const FILE_NAME = new RegExp(
  `^\\d{4}-\\d\\d-\\d\\dT\\d\\d-\\d\\d-\\d\\d\\.\\d{3}Z-(?:email|sms)-(?<id>${UUID})\\.json$`,
);

/** Files that are looked up at a time, to limit the size of a query. */
const REMOVAL_BATCH_SIZE = 1_000;

/** Returns the path of the outbox in the data folder (STAGEDOOR_DATA). */
export function getOutboxFolder(dataFolder: string): string {
  return path.join(dataFolder, 'outbox');
}

/** Lists the names of the messages' files, oldest first. Ignores any other file. */
async function listFiles(folder: string): Promise<string[]> {
  const names = await readdir(folder);
  return names.filter((name) => FILE_NAME.test(name)).sort();
}

const getMessageId = (name: string) => FILE_NAME.exec(name)?.groups?.id ?? '';

function ignoreMissingFolder(error: NodeJS.ErrnoException): [] {
  if (error.code === 'ENOENT') return [];
  throw error;
}

/** Writes a file atomically: a reader never sees a partial one. */
async function writeFileAtomic(folder: string, name: string, content: string): Promise<void> {
  const temporaryPath = path.join(folder, `.${randomUUID()}.part`);
  try {
    const file = await open(temporaryPath, 'wx', 0o600);
    try {
      await file.writeFile(content);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporaryPath, path.join(folder, name));
  } catch (error) {
    await rm(temporaryPath, { force: true });
    throw error;
  }
}

/** Writes a message, unless the outbox already has one with its id. */
async function writeOnce(folder: string, message: Omit<OutboxMessage, 'sentAt'>, now: Date): Promise<void> {
  const { id, channel, to, subject, text, html } = message;
  const sentAt = now.toISOString();
  const suffix = `-${channel}-${id}.json`;
  const name = `${sentAt.replaceAll(':', '-')}${suffix}`;
  if (!FILE_NAME.test(name)) throw new Error('the id of a message must be a UUID in lower case');
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const listCopies = async () => (await listFiles(folder)).filter((file) => file.endsWith(suffix));
  if ((await listCopies()).length > 0) return;
  const content = { channel, to, subject, text, html, sentAt } satisfies z.infer<typeof contentSchema>;
  await writeFileAtomic(folder, name, `${JSON.stringify(content)}\n`);
  // Two workers may have passed the check above at the same time. Keeps the earliest copy.
  const [, ...duplicates] = await listCopies();
  for (const duplicate of duplicates) await rm(path.join(folder, duplicate), { force: true });
}

/**
 * Writes a message to the outbox atomically. A message with an id that the outbox already has counts as sent.
 * Creates the folder if it is missing, readable only by its owner, because messages contain links and codes.
 */
export async function writeToOutbox(
  folder: string,
  message: Omit<OutboxMessage, 'sentAt'>,
  now = new Date(),
): Promise<SendResult> {
  try {
    await writeOnce(folder, message, now);
    return { ok: true, provider: 'outbox', providerId: null };
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (typeof code !== 'string') throw error;
    return { ok: false, retry: true, reason: `The outbox couldn’t be written to (${code}).` };
  }
}

/** Reads a message; returns null if the file is not one. */
async function readMessage(folder: string, name: string): Promise<OutboxMessage | null> {
  const id = getMessageId(name);
  try {
    const content = contentSchema.parse(JSON.parse(await readFile(path.join(folder, name), 'utf8')));
    return { id, ...content };
  } catch {
    // The file was removed after the folder was listed, or is not a message.
    return null;
  }
}

/** Reads at most `limit` messages, newest first. Returns none if the folder does not exist. */
export async function readOutbox(folder: string, limit = 1_000): Promise<OutboxMessage[]> {
  const names = await listFiles(folder).catch(ignoreMissingFolder);
  const messages: OutboxMessage[] = [];
  // Reads one file at a time: a thousand open files may exceed the limit of the process.
  for (const name of names.reverse().slice(0, limit)) {
    const message = await readMessage(folder, name);
    if (message) messages.push(message);
  }
  return messages;
}

/**
 * Removes the messages that no longer exist, also from before a provider was connected.
 * @param findExisting returns those of the ids that exist
 */
export async function removeDeletedFromOutbox(
  folder: string,
  findExisting: (ids: string[]) => Promise<Set<string>>,
): Promise<void> {
  // Listed before the query, which then finds the row of every message that has a file.
  const names = await listFiles(folder).catch(ignoreMissingFolder);
  for (let start = 0; start < names.length; start += REMOVAL_BATCH_SIZE) {
    const batch = names.slice(start, start + REMOVAL_BATCH_SIZE);
    const existing = await findExisting(batch.map(getMessageId));
    for (const name of batch)
      if (!existing.has(getMessageId(name))) await rm(path.join(folder, name), { force: true });
  }
}
