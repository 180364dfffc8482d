/** An event that a security notice reports to a user. `security-notice-email.ts` has the texts. */
export type SecurityNotice =
  | 'passkey_added'
  | 'passkey_removed'
  | 'totp_added'
  | 'totp_removed'
  | 'recovery_codes_made'
  | 'recovery_code_used'
  | 'second_factor_removed'
  | 'password_changed'
  | 'email_changed'
  | 'single_sign_on_linked'
  | 'single_sign_on_unlinked';
