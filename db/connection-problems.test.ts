import { describe, expect, it } from 'vitest';
import { explainConnectionError } from './connection-problems.ts';
import { parseDatabaseUrl } from './database-url.ts';

const ADDRESS = parseDatabaseUrl('postgresql://someone:hunter22@db.example/theirs');
const TLS = 'accepts only connections with TLS from this machine. Add sslmode=verify-full to DATABASE_URL';

// Messages of servers and poolers that the tests do not start. lib/verifier/database-tls.process.test.ts has those of
// PostgreSQL and PgBouncer.
describe('explainConnectionError', () => {
  it.each([
    ['Azure', '28000', 'SSL connection is required. Please specify SSL options and retry.', TLS],
    ['Neon', '08P01', 'connection is insecure (try using `sslmode=require`)', TLS],
    ['Supabase', 'XX000', 'SSL connection is required', TLS],
    ['Amazon RDS Proxy', '28000', 'This RDS Proxy requires TLS connections', TLS],
    [
      'Amazon RDS',
      '28000',
      'no pg_hba.conf entry for host "192.0.2.1", user "someone", database "theirs", no encryption',
      TLS,
    ],
    ['PostgreSQL 13', '28000', 'no pg_hba.conf entry for host "192.0.2.1", user "someone", SSL off', TLS],
    [
      'PgBouncer',
      '08P01',
      'transaction blocks not allowed in statement pooling mode',
      'Set pool_mode = transaction',
    ],
    [
      'PgBouncer 1.20',
      '08P01',
      'unsupported startup parameter in options: work_mem',
      'refuses the startup parameter work_mem',
    ],
    ['a locked table', '57014', 'canceling statement due to statement timeout', 'session that holds a lock'],
    [
      'a key without its passphrase',
      'ERR_OSSL_BAD_DECRYPT',
      'bad decrypt',
      'sslpassword if the key is encrypted',
    ],
  ])('explains the error of %s', (_, code, message, expected) => {
    const explanation = explainConnectionError(
      Object.assign(new Error(message), { code }),
      ADDRESS,
      'DATABASE_URL',
    );
    expect(explanation).toContain(expected);
    expect(explanation).toContain(`(${code})`);
    expect(explanation).not.toContain('hunter22');
  });

  it('shows the message of an error that it does not know', () => {
    const error = Object.assign(new Error('relation "a" does not exist'), { code: '42P01' });
    expect(explainConnectionError(error, ADDRESS, 'DATABASE_URL')).toBe(
      'The database theirs at db.example:5432 cannot be reached (42P01): relation "a" does not exist. Check DATABASE_URL, and that PostgreSQL is running.',
    );
  });
});
