/** Shared with the skeleton, whose lines wrap in the same way. */
export const FIELD_DESCRIPTIONS = {
  username: 'Can’t be changed: the company uses it with its key.',
  displayName: 'If the company’s name has changed. Only your organisation sees it.',
};

/**
 * Classes of an account's frame in a sheet. It scrolls vertically only: WebKit adds the padding on the right to the width
 * of `SectionNavigation`, which covers the padding already, so the content would scroll sideways, too.
 */
export const SHEET_CLASS = {
  frame: 'min-h-0 flex-1',
  content:
    'tall:min-h-0 flex-1 content-start tall:overflow-y-auto tall:overflow-x-hidden tall:overscroll-contain',
};

/** Classes of an account's frame if it stands alone. */
export const ALONE_CLASS = 'max-w-3xl rounded-lg border border-line bg-surface shadow-card';

/** Positioned, so that text for screen readers inside scrolls with the content instead of enlarging the sheet. */
export const CONTENT_CLASS = 'relative grid scroll-pb-6 gap-6 px-5 py-5 sm:px-6';

export const FOOTER_CLASS = 'z-10 grid gap-3 border-line border-t bg-canvas px-5 py-4 sm:px-6';

/** Keeps the buttons visible while the page scrolls, if the window is high enough. */
export const STICKY_FOOTER_CLASS = 'tall:sticky tall:bottom-0 rounded-b-lg';
