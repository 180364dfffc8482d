import { isOutdated, isServerError } from './request-errors.ts';

/** What a server action does, as sentences for the page that called it. */
export type ActionEffect = {
  /** "The API account was created." */
  done: string;
  /** Says that it may have happened, and what to check or do next. */
  maybe: string;
};

type LatestAction = {
  effect: ActionEffect;
  /** `lost`: the page does not know what the server did. */
  state: 'running' | 'done' | 'lost';
  at: number;
};

/** After this time, a page that fails does so for another reason than the action. */
const DONE_MS = 60_000;

let latest: LatestAction | null = null;

const isDone = (result: unknown) =>
  typeof result === 'object' && result !== null && 'ok' in result && result.ok === true;

/**
 * Calls a server action and remembers what is known of its effect, for the error pages: an error while the page shows the
 * result must not hide that something was changed.
 * @param effect null for an action that changes nothing
 */
export async function trackAction<Result>(
  effect: ActionEffect | null,
  call: () => Promise<Result>,
): Promise<Result> {
  if (!effect) return call();
  const action: LatestAction = { effect, state: 'running', at: Date.now() };
  latest = action;
  try {
    const result = await call();
    if (isDone(result)) Object.assign(action, { state: 'done', at: Date.now() });
    else if (latest === action) latest = null;
    return result;
  } catch (error) {
    if (!isOutdated(error)) action.state = 'lost';
    else if (latest === action) latest = null;
    throw error;
  }
}

/** Describes what the latest action changed or may have changed; null if it changed nothing. */
export function describeLatestAction(now = Date.now()): string | null {
  if (!latest) return null;
  if (latest.state !== 'done') return latest.effect.maybe;
  return now - latest.at < DONE_MS ? latest.effect.done : null;
}

/** Describes why the result of an action is unknown. */
function describeCause(error: unknown): string {
  if (isServerError(error)) return 'Something went wrong on the server.';
  // The browser's `fetch` throws a TypeError if there was no response.
  return error instanceof TypeError ? 'We didn’t get a response.' : 'We got an unexpected response.';
}

/** Describes a failed call whose result is unknown, and what to do next. */
export function describeUnknownResult(error: unknown, effect: ActionEffect | null): string {
  return `${describeCause(error)} ${effect?.maybe ?? 'Check your connection and try again.'}`;
}
