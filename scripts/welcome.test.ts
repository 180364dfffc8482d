import { describe, expect, it } from 'vitest';
import { parseSettings } from '#lib/settings.ts';
import { welcome } from './welcome.mjs';

function welcomeWith(environment: Record<string, string>, part: 'web' | 'worker' = 'web'): string {
  const parsed = parseSettings(environment, 'all');
  if (!parsed.ok) throw new Error(parsed.mistakes.join('\n'));
  return welcome(parsed.settings, [part], undefined);
}

describe('welcome', () => {
  it('warns of an outbox that others can reach', () => {
    expect(welcomeWith({ TRUSTED_PROXIES: '1' })).toContain('Warning: TRUSTED_PROXIES is 1, ');
    expect(welcomeWith({})).not.toContain('Warning');
    expect(welcomeWith({ TRUSTED_PROXIES: '1' }, 'worker')).not.toContain('Warning');
  });
});
