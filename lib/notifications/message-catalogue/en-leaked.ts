/** The page on which anyone can report a leaked key. */
export const leakedPage = {
  title: 'Report a leaked key',
  introduction: ({ organisation }: { organisation: string }) =>
    `Did you find an API key of ${organisation} where others can see it, such as in source code, a log or a chat? Enter it here. If it still works, it stops working immediately, and ${organisation} is told.`,
  key: 'API key',
  keyHint: ({ tag, length }: { tag: string; length: number }) =>
    `The key, or text that contains it. Keys start with ${tag} and have ${length} characters.`,
  url: 'Where did you find it? (optional)',
  urlHint: 'A web address. We don’t store what follows ? or #.',
  report: 'Report leaked key',
  noKey: ({ tag, length }: { tag: string; length: number }) =>
    `This contains no complete key. Keys start with ${tag} and have ${length} characters: copy all of them.`,
  ownKey: ({ organisation }: { organisation: string }) =>
    `Is it your own key? You can report it, too: ${organisation} can then send you a new one.`,
  reported: 'Thank you',
  outcome: 'If this key was live, it no longer works.',
  afterReport: ({ organisation }: { organisation: string }) =>
    `The administrators at ${organisation} and the owner of the key have then been told. For security, we don’t say whether it was live.`,
  reportAnother: 'Report another key',
  /** The report may have arrived. */
  maybeReported: 'The key may have been reported. You can safely report it again.',
};
