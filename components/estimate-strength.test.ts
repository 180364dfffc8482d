import { describe, expect, test } from 'vitest';
import { checkPassword } from '#lib/identity/passwords/check.ts';
import { estimateStrength } from './estimate-strength.ts';

const userInputs = ['maria.callas@example.com', 'Maria Callas', 'Theatre Royal'];

describe('estimateStrength', () => {
  test.each([
    'Maria Callas Maria Callas',
    'maria-callas-maria-callas!',
    'MariaCallasMariaCallas',
    'Theatre Royal, Theatre Royal',
    'maria.callas@example.com',
    'Maria Callas '.repeat(12),
    'stagedoor stagedoor',
    'passwordpassword',
    'Password1234567',
    '!password!password',
    'dragon1dragon1dragon1',
    '1234 5678 9012 345',
    'qwertyuiopasdfg',
    'Royal2026Royal2026',
    'Theatre Royal Maria Callas 1',
  ])('estimates 0 for %s, which checkPassword rejects', (password) => {
    expect(checkPassword({ password, hasFactor: false, userInputs }).ok).toBe(false);
    expect(estimateStrength(password, userInputs)).toBe(0);
  });

  test.each(['a quiet lamp on the stairs', 'Maria Callas sang here in a green coat'])(
    'estimates 4 for %s, which checkPassword accepts',
    (password) => {
      expect(checkPassword({ password, hasFactor: false, userInputs })).toEqual({ ok: true });
      expect(estimateStrength(password, userInputs)).toBe(4);
    },
  );
});
