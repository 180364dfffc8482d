/** Normalises an email address for lookups: NFC, without outer spaces, in lower case. */
export function foldEmail(email: string): string {
  return email.normalize('NFC').trim().toLowerCase();
}
