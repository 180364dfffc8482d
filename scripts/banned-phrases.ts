/** Phrases that are almost never right (case-insensitive regular expressions), and what to write instead. */
const BANNED: Record<string, string> = {
  anew: 'again, new',
  'whoever|whosoever': 'name the actor: the administrator, the client, the attacker',
  'nobody|somebody|anybody|everybody':
    'name the actor: no user, an administrator, every client; in UI text: someone',
  'tell(s|ing)? apart|told apart': 'distinguish, parse',
  '(take|takes|taking|took) (a|another|its|one) turn': 'consume a rate limit',
  'hand-?overs?': 'key delivery',
  'at once': 'immediately, at the same time',
  'judge[ds]?|judging|judge?ment': 'validate, evaluate, check',
  '(the|a|its|their|your) present (account|address|code|email|key|link|number|one|password|reveal|value)s?':
    'the current one',
  'under way': 'in progress',
  'such a one': 'one like this',
  'text rules|rules (for|of) texts|texts. rules': 'SMS policy; in UI text: text message settings',
  'what became of': 'delivery status, delivery report',
  'put(s|ting)? off': 'defer',
  'objections?': 'change report',
  'noted places?': 'checkpoint',
  'identity holders?': 'SSO account',
  'recently proven|proven recently': 'recent authentication',
  'good keys?': 'valid key',
  '(is|are|was|were|be|stays?) good (for|until|once)': 'works for, lasts, is valid until',
  'dead (key|link|session|code)s?': 'expired, revoked',
  'in the place of': 'instead of',
  'and (its|their) likes?': 'and similar ones',
  'whence|whereof|wherein|thereof|therein|lest':
    'from which, of which, in which, of it, in it, so that … not',
  'the (email )?(address|number|email) before': 'the previous address, the previous number',
  'ceilings?': 'limit, daily limit',
  '(give|gives|giving|gave|given) up': 'abandon; in UI text: stop trying',
  '(keep|keeps|kept) back': 'block; in UI text: not sent',
  '(vouch|vouches|vouched) for': 'verify, confirm',
  '(made|make|makes) (in)?active( again)?': 'deactivate, reactivate',
  'own ways|only way in|ways off': 'local authentication, sign-in method',
  'for ever': 'forever, indefinitely',
  'as a rule': 'usually',
  // American spelling, which the dictionaries of code allow. https://www.gov.uk/guidance/style-guide
  'behaviors?': 'behaviour',
  'cancel(ed|ing)': 'cancelled, cancelling',
  'label(ed|ing)': 'labelled, labelling',
  'organiz\\w+': 'organis…',
  'recogniz\\w+': 'recognis…',
  '(initial|normal|serial)iz\\w+': 'initialis…, normalis…, serialis…',
  'gray|favorite|honor(s|ed)?|fulfill|defense|catalog': 'grey, favourite, honour, fulfil, defence, catalogue',
};

/** The same for comments, test titles and documentation only. In text for users and in CSS, these words are right. */
const BANNED_IN_PROSE: Record<string, string> = {
  'told(?! apart)': 'shown, notified, reported, passed',
  'color(s|ed)?': 'colour, coloured',
};

/** The same for text that users read. Code and documentation use some of these words as terms. */
const BANNED_FOR_USERS: Record<string, string> = {
  '(is|are|was|were) over(?=[.,;:!?)])': 'has expired, has finished',
  '(code|invitation|link|session) has ended': 'has expired, you’ve been signed out',
  '(let|lets|letting) (\\w+ )?through': 'allow',
  'looks? after|looked after': 'name the person: the person who runs it',
  'by single sign-on': 'with single sign-on',
  'in UTC': "the reader's time zone, with the zone shown",
  'switch(ed|es)? (on|off)': 'turn on, turn off',
  'by means of': 'with',
};

export type Phrase = { pattern: RegExp; suggestion: string };

/** Compiles phrases to patterns. A phrase may continue on the next line. */
const compile = (phrases: Record<string, string>): Phrase[] =>
  Object.entries(phrases).map(([phrase, suggestion]) => ({
    pattern: new RegExp(
      String.raw`\b(?:${phrase.replaceAll(' ', String.raw`(?:[^\S\n]+\n?|\n)[^\S\n]*`)})(?!\w)`,
      'gi',
    ),
    suggestion,
  }));

export const PHRASES = compile(BANNED);
export const PHRASES_IN_PROSE = compile(BANNED_IN_PROSE);
export const PHRASES_FOR_USERS = compile(BANNED_FOR_USERS);
