import type { ApiAccount, RequestOptions, StagedoorClient } from '../typescript/client.ts';
import { NotFoundError } from './exit-codes.ts';
import { isId } from './parse-options.ts';

const SUGGESTIONS = 3;

/** Folds a username like Stagedoor does, which also replaces the quotes and dashes of word processors. */
export const foldUsername = (username: string) =>
  username
    .normalize('NFKC')
    .replaceAll(/[\u2010-\u2015\u2212]/g, '-')
    .replaceAll(/[‘’‚‛]/g, "'")
    .replaceAll(/[“”„‟]/g, '"')
    .replaceAll(/\s+/g, ' ')
    .trim()
    // The upper case in between makes ß equal to ss.
    .toLowerCase()
    .toUpperCase()
    .toLowerCase();

/**
 * Finds the account that is meant by an id or a username, in upper or lower case.
 * @throws a NotFoundError if there is none
 */
export async function findAccount(
  client: StagedoorClient,
  typed: string,
  options: RequestOptions = {},
): Promise<ApiAccount> {
  if (isId(typed)) return client.apiAccounts.get(typed, options);
  const similar: string[] = [];
  for await (const account of client.apiAccounts.list({ search: typed, limit: 200 }, options)) {
    if (foldUsername(account.username) === foldUsername(typed)) return account;
    if (similar.length < SUGGESTIONS) similar.push(account.username);
  }
  const suggestion = similar.length === 0 ? '' : ` Did you mean one of these? ${similar.join(', ')}`;
  throw new NotFoundError(`No account has the username "${typed}".${suggestion}`);
}
