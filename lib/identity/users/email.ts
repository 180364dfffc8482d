/** An email address in the form that people are looked up by: without outer spaces, in lower case. */
export function foldEmail(email: string): string {
  return email.normalize('NFC').trim().toLowerCase();
}
