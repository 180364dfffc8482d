import { formatCount } from '#components/format.ts';
import type { BadgeTone } from '#components/status-badge.tsx';
import type { BulkJobView, BulkOperation, ItemState, ItemView, JobOperation } from '#lib/bulk-jobs/schema.ts';
import { ROLE_LABELS } from '#lib/platform/authorization/roles.ts';

export const JOBS_PATH = '/settings/jobs';
export const IMPORT_PATH = `${JOBS_PATH}/import`;

export const NOT_ADMINISTRATOR = `Jobs name API accounts and show why they failed, so only a ${ROLE_LABELS.settings_administrator} can see them. Ask one to give you that role.`;

/** The id of the element that gets the focus if a button disappears. */
export const JOB_ID = 'job';

export const OPERATION_LABELS: Record<JobOperation, string> = {
  resend: 'Resend the link and code',
  deactivate: 'Deactivate',
  activate: 'Activate',
  reset: 'Reset API keys',
  set_expiry: 'Set the expiry',
  set_scopes: 'Set the scopes',
  set_limit: 'Set the limit',
  import: 'Import',
};

/** Formats a number of accounts, such as "1 account" or "1,204 accounts". */
export const formatAccounts = (count: number) =>
  count === 1 ? '1 account' : `${formatCount(count)} accounts`;

/** Formats a number of rows, such as "1 row" or "1,204 rows". */
export const formatRows = (count: number) => (count === 1 ? '1 row' : `${formatCount(count)} rows`);

const formatKeys = (count: number) => (count === 1 ? '1 API key' : `${formatCount(count)} API keys`);

/** Labels of the button that starts a job. */
export const START_LABELS: Record<BulkOperation, (count: number) => string> = {
  resend: (count) => `Resend to ${formatAccounts(count)}`,
  deactivate: (count) => `Deactivate ${formatAccounts(count)}`,
  activate: (count) => `Activate ${formatAccounts(count)}`,
  reset: (count) => `Reset ${formatKeys(count)}`,
  set_expiry: (count) => `Set the expiry of ${formatAccounts(count)}`,
  set_scopes: (count) => `Set the scopes of ${formatAccounts(count)}`,
  set_limit: (count) => `Set the limit of ${formatAccounts(count)}`,
};

type JobStatus = Pick<BulkJobView, 'state' | 'waitingUntil'>;

const STATES: Record<BulkJobView['state'], { label: string; tone: BadgeTone }> = {
  uploading: { label: 'Uploading', tone: 'info' },
  checking: { label: 'Checking rows', tone: 'info' },
  ready: { label: 'Ready to start', tone: 'info' },
  running: { label: 'Running', tone: 'info' },
  done: { label: 'Finished', tone: 'success' },
  cancelled: { label: 'Cancelled', tone: 'neutral' },
  stopped: { label: 'Stopped', tone: 'danger' },
};

/** Returns the label of a job's state and its tone. */
export const getJobStatus = ({ state, waitingUntil }: JobStatus): { label: string; tone: BadgeTone } =>
  state === 'running' && waitingUntil ? { label: 'Waiting', tone: 'warning' } : STATES[state];

/** Reports whether the worker has something to do for a job. */
export const isActive = ({ state }: Pick<BulkJobView, 'state'>) =>
  state === 'uploading' || state === 'checking' || state === 'running';

/** Returns what a job is about, such as "Deactivate: 312 accounts". */
export function formatJobTitle({ operation, total }: Pick<BulkJobView, 'operation' | 'total'>): string {
  if (operation !== 'import') return `${OPERATION_LABELS[operation]}: ${formatAccounts(total)}`;
  // The rows are counted once they were read.
  return total === 0 ? OPERATION_LABELS.import : `${OPERATION_LABELS.import}: ${formatRows(total)}`;
}

/** Returns the label of an item's result. */
export function getItemStatus(
  state: ItemState,
  jobState: BulkJobView['state'],
): { label: string; tone: BadgeTone } {
  switch (state) {
    case 'done':
      return { label: 'Done', tone: 'success' };
    case 'failed':
      return { label: 'Failed', tone: 'danger' };
    case 'invalid':
      return { label: 'Has errors', tone: 'danger' };
    case 'unchecked':
      return { label: 'Not checked yet', tone: 'neutral' };
    case 'pending':
      if (jobState === 'checking' || jobState === 'ready') return { label: 'Valid', tone: 'success' };
      return { label: jobState === 'running' ? 'Waiting' : 'Not done', tone: 'neutral' };
  }
}

/** Returns the URL of a job's page. */
export function buildJobHref(id: string, { view, after }: { view?: ItemView; after?: number } = {}): string {
  const parameters = new URLSearchParams();
  if (view && view !== 'all') parameters.set('view', view);
  if (after) parameters.set('after', String(after));
  const path = `${JOBS_PATH}/${encodeURIComponent(id)}`;
  return parameters.size > 0 ? `${path}?${parameters}` : path;
}

/** Returns the URL that exports a job's results as CSV. */
export const buildResultsHref = (id: string, view: ItemView) =>
  `${JOBS_PATH}/${encodeURIComponent(id)}/results${view === 'all' ? '' : `?view=${view}`}`;
