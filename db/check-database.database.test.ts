import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findTimeZoneProblem } from './check-database.ts';
import { createTestDatabase, type TestDatabase } from './test-database.ts';

let db: TestDatabase;
beforeAll(async () => {
  db = await createTestDatabase();
});
afterAll(() => db.drop());

describe('findTimeZoneProblem', () => {
  it('accepts a zone that the database knows, and names one that it does not', async () => {
    expect(await findTimeZoneProblem(db.url, 'Europe/London')).toBeUndefined();
    expect(await findTimeZoneProblem(db.url, 'Mars/Olympus_Mons')).toContain(
      'does not know the time zone Mars/Olympus_Mons of ORGANISATION_TIME_ZONE',
    );
  });
});
