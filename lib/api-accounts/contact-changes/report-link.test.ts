import fc from 'fast-check';
import { expect, it } from 'vitest';
import { linkToken, readLinkToken } from '#lib/key-delivery/reveal/derive.ts';
import { changeReportToken, readChangeReportToken } from './report-link.ts';

const SECRET = 'a-secret-of-at-least-thirty-two-characters';

it('derives the same token each time, reads the id back, and is never valid as the link of a reveal', () => {
  fc.assert(
    fc.property(fc.uuid(), (id) => {
      const token = changeReportToken(id, SECRET);
      expect(token).toMatch(/^[\w-]{64}$/);
      expect(readChangeReportToken(token, SECRET)).toBe(id);
      expect(changeReportToken(id, SECRET)).toBe(token);
      expect(readLinkToken(token, SECRET)).toBeNull();
      expect(readChangeReportToken(linkToken(id, SECRET), SECRET)).toBeNull();
      expect(readChangeReportToken(token, `${SECRET}!`)).toBeNull();
    }),
  );
});
