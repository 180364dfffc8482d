'use client';
import { useEffect, useRef, useState } from 'react';
import type { KeyDelivery } from '#lib/key-delivery/timeline/schema.ts';

type Seen = { id: string; words: Map<string, string> };

/** What is new in a hand-over since it was last read, for a screen reader: nothing at first, and nothing twice. */
export function useAnnouncement(handOver: KeyDelivery | null): string {
  const seen = useRef<Seen | null>(null);
  const [news, setNews] = useState('');

  useEffect(() => {
    if (!handOver) return;
    const before = seen.current;
    const { id, entries } = handOver;
    seen.current = { id, words: new Map(entries.map(({ key, words }) => [key, words])) };
    if (!before) return;
    const known = before.id === id ? before.words : new Map<string, string>();
    const fresh = entries.filter(({ key, words }) => known.get(key) !== words);
    if (fresh.length > 0) setNews(`${fresh.map(({ words }) => words).join('. ')}.`);
  }, [handOver]);

  return news;
}
