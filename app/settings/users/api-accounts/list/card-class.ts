export const CARD_CLASS = 'rounded-lg border border-line bg-surface shadow-card outline-none';
