/** @typedef {import('#lib/settings.ts').Part} Part */
/** @typedef {import('#lib/settings.ts').Settings} Settings */

/**
 * What is printed when everything serves.
 * @param {Settings} settings
 * @param {Part[]} parts
 * @param {string | undefined} signIn how to sign in; undefined where nobody can here
 */
export function welcome(settings, parts, signIn) {
  const lines = ['', 'Stagedoor is running.', ''];
  if (parts.includes('web'))
    lines.push(`  Administrators: ${settings.publicUrl}/settings/users/api-accounts`);
  if (parts.includes('verifier'))
    lines.push(`  Verifier: http://${settings.host}:${settings.verifierPort}/verify`);
  if (parts.includes('web') && settings.embedded && hasOutbox(settings))
    lines.push(`  Outbox: ${settings.publicUrl}/outbox`);
  if (signIn) lines.push('', `  ${signIn}`);
  lines.push('', 'Press Ctrl-C to stop.', '');
  return lines.join('\n');
}

/** @param {Settings} settings */
const hasOutbox = ({ email, sms }) => email.provider === 'outbox' || sms.provider === 'outbox';
