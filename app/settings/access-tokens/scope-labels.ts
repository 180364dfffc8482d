import type { AccessTokenScope } from '#lib/platform/authorization/actor.ts';

/** What each scope allows. */
export const TOKEN_SCOPE_LABELS: Record<AccessTokenScope, { label: string; description: string }> = {
  'accounts:read': {
    label: 'View API accounts',
    description: 'Accounts with their contact details, usage and key deliveries. Never an API key.',
  },
  'accounts:write': {
    label: 'Change API accounts',
    description: 'Create, edit, deactivate and delete accounts, reset API keys and resend messages.',
  },
  'audit:read': {
    label: 'View the audit log',
    description: 'All entries, with names, email addresses and IP addresses.',
  },
  'webhooks:write': {
    label: 'Manage webhooks',
    description:
      'View, create, edit and delete the endpoints that receive events. The token also needs the scopes to view what these events contain.',
  },
};
