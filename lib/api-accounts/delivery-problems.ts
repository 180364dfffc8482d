import type { NoticeProblemRow, ProblemRow } from '#lib/account-state/problem-rows.ts';
import type { DeliveryProblem } from './schema.ts';

function formatPredicate({ status, unanswered }: NoticeProblemRow): string {
  switch (status) {
    case 'queued':
      return 'hasn’t been sent yet';
    case 'failed':
      return unanswered > 0 ? 'may not have arrived' : 'couldn’t be sent';
    case 'refused':
      return 'wasn’t sent';
    case 'bounced':
      return 'bounced';
    case 'complained':
      return 'was marked as spam';
    case 'undelivered':
      return 'wasn’t delivered';
  }
}

/** Formats a problem in two or three words, after the message. */
function formatProblemLabel({ status, unanswered }: NoticeProblemRow): string {
  switch (status) {
    case 'queued':
      return 'delayed';
    case 'failed':
      return unanswered > 0 ? 'unconfirmed' : 'not sent';
    case 'refused':
      return 'not sent';
    case 'bounced':
      return 'bounced';
    case 'complained':
      return 'marked as spam';
    case 'undelivered':
      return 'not delivered';
  }
}

const MESSAGE_NAMES = {
  email: { noun: 'Email', subject: 'The email' },
  text: { noun: 'Text', subject: 'The text' },
  notice: { noun: 'Notice', subject: 'The email about the contact change' },
} as const;

function formatProblem(message: DeliveryProblem['message'], problem: NoticeProblemRow): DeliveryProblem {
  const { noun, subject } = MESSAGE_NAMES[message];
  const { status, reason, nextAttemptAt } = problem;
  const sentences = [
    `${subject} ${formatPredicate(problem)}.`,
    // The reason of a complaint only repeats that it is one.
    status !== 'complained' && reason,
    status === 'queued' && !nextAttemptAt && 'We’ll try again in a moment.',
  ];
  return {
    message,
    label: `${noun} ${formatProblemLabel(problem)}`,
    text: sentences.filter(Boolean).join(' '),
    nextAttemptAt: nextAttemptAt ? new Date(nextAttemptAt) : null,
  };
}

/** Describes a problem with a message of a reveal. */
export function describeProblem(problem: ProblemRow): DeliveryProblem {
  return formatProblem(problem.channel === 'email' ? 'email' : 'text', problem);
}

/** Describes a problem with the notice of a contact change. */
export function describeNoticeProblem(problem: NoticeProblemRow): DeliveryProblem {
  return formatProblem('notice', problem);
}
