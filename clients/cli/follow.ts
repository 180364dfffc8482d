import type { Command } from 'commander';
import { type ApiAccount, ApiError, ConnectionError, type KeyDeliveries } from '../typescript/client.ts';
import { type Context, connect } from './context.ts';
import { DeliveryError, NotFoundError } from './exit-codes.ts';
import { findAccount } from './find-account.ts';
import { formatTime, makePrintable } from './format.ts';
import { InterruptedError } from './terminal.ts';

type Client = Awaited<ReturnType<typeof connect>>;
type Delivery = KeyDeliveries['data'][number];
type Event = Delivery['events'][number];
type Output = { json?: boolean };
type State = { account: ApiAccount; delivery: Delivery };

/** Polls often while something happens, and less often the longer nothing does: an integrator may need days. */
const INTERVAL_MS = { min: 2_000, max: 30_000 };
const INTERVAL_SHARE = 0.05;
/** A restart of Stagedoor does not end the command. */
const MAX_FAILURES = 10;

const formatEvent = ({ at, text, detail, isProblem }: Event) =>
  makePrintable(`${formatTime(at)}  ${isProblem ? '! ' : ''}${text}${detail ? `. ${detail}` : ''}`);

async function readState(client: Client, id: string, signal: AbortSignal): Promise<State> {
  const [account, { data }] = await Promise.all([
    client.apiAccounts.get(id, { signal }),
    client.apiAccounts.deliveries(id, { signal }),
  ]);
  const [delivery] = data;
  if (!delivery) throw new NotFoundError('This account has no key delivery. Reset its key to start one.');
  return { account, delivery };
}

/** Returns whether another attempt may succeed, although the client has already repeated this one. */
const isTemporary = (error: unknown) =>
  error instanceof ConnectionError ||
  (error instanceof ApiError && (error.status === 429 || error.status >= 500));

const END_REASONS: Partial<Record<ApiAccount['status'], string>> = {
  inactive: 'The account is inactive. Reactivate it, or reset its key later.',
  expired: 'The account has expired. Change its expiry, and then reset its key.',
  locked: 'The link is locked after too many wrong codes. Reset the key to start again.',
};

/**
 * Returns whether the key was used for the first time.
 * @throws a DeliveryError if that cannot happen without an administrator
 */
function hasEnded({ account: { status }, delivery: { events, summary } }: State): boolean {
  if (events.some(({ type }) => type === 'first_used')) return true;
  const reason = status === 'delivery_failed' ? summary : END_REASONS[status];
  if (reason) throw new DeliveryError(makePrintable(reason));
  return false;
}

/** Reads the state again and again, and shows each event when it is new. */
async function poll(
  { terminal }: Context,
  client: Client,
  id: string,
  { json }: Output,
  signal: AbortSignal,
): Promise<void> {
  const shown = new Set<string>();
  let failures = 0;
  for (let quietMs = 0; ; ) {
    const state = await readState(client, id, signal).catch((error) => {
      failures += 1;
      if (!isTemporary(error) || failures > MAX_FAILURES) throw error;
      if (failures === 1) terminal.writeError('Stagedoor cannot be reached. Trying again.\n');
    });
    if (state) {
      failures = 0;
      for (const event of state.delivery.events) {
        const key = JSON.stringify([state.delivery.id, event.type, event.at, event.text]);
        if (shown.has(key)) continue;
        shown.add(key);
        quietMs = 0;
        const line = { type: 'event', deliveryId: state.delivery.id, event };
        await terminal.writeOutput(`${json ? JSON.stringify(line) : formatEvent(event)}\n`);
      }
      if (hasEnded(state)) return;
    }
    const interval = Math.min(INTERVAL_MS.max, Math.max(INTERVAL_MS.min, quietMs * INTERVAL_SHARE));
    await terminal.wait(interval, signal);
    quietMs += interval;
  }
}

/**
 * Follows the key delivery of an account until its key is first used, or until Ctrl-C.
 * @throws a DeliveryError if the delivery cannot end well without an administrator
 */
export async function followDelivery(
  context: Context,
  client: Client,
  { id, username }: ApiAccount,
  output: Output,
): Promise<void> {
  const { terminal } = context;
  if (terminal.isInteractive)
    terminal.writeError(
      makePrintable(`Following the key delivery of ${username}. Ctrl-C stops only this command.`).concat(
        '\n',
      ),
    );
  await terminal
    .runUntilInterrupted((signal) => poll(context, client, id, output, signal))
    .catch((error) => {
      if (!(error instanceof InterruptedError)) throw error;
      throw new InterruptedError('No longer following. The key delivery continues.');
    });
  await terminal.writeOutput(
    output.json
      ? `${JSON.stringify({ type: 'end', result: 'first_used' })}\n`
      : makePrintable(`${username} uses its key.`).concat('\n'),
  );
}

/** Adds `accounts follow`. */
export function addFollow(accounts: Command, context: Context): void {
  accounts
    .command('follow')
    .description('Show the steps of the key delivery as they happen, until the company uses its key.')
    .argument('<account>', 'its username or id')
    .option('--json', 'print a line of JSON for each step, for programs')
    .addHelpText(
      'after',
      `
It exits with 0 when the key is first used, and with 8 if an administrator has to act.

Examples:
  stagedoor accounts follow 'Northern Lights'`,
    )
    .action(async (typed: string, options: Output) => {
      const client = await connect(context);
      await followDelivery(context, client, await findAccount(client, typed), options);
    });
}
