-- Only renames, so that the data stays. A digest of the audit log covers the values of an entry and not the names of its
-- columns (lib/audit/chain.ts), so the chain stays valid.
ALTER TABLE "address_changes" RENAME TO "contact_changes";--> statement-breakpoint
ALTER TABLE "contact_changes" RENAME COLUMN "objected_at" TO "reported_at";--> statement-breakpoint
ALTER TABLE "contact_changes" RENAME COLUMN "settled_at" TO "resolved_at";--> statement-breakpoint
ALTER TABLE "contact_changes" RENAME COLUMN "settled_by" TO "resolved_by";--> statement-breakpoint
ALTER TABLE "contact_changes" RENAME CONSTRAINT "address_changes_pkey" TO "contact_changes_pkey";--> statement-breakpoint
ALTER TABLE "contact_changes" RENAME CONSTRAINT "address_changes_account_id_api_accounts_id_fk" TO "contact_changes_account_id_api_accounts_id_fk";--> statement-breakpoint
ALTER TABLE "contact_changes" RENAME CONSTRAINT "address_changes_settled" TO "contact_changes_resolved";--> statement-breakpoint
ALTER TABLE "contact_changes" RENAME CONSTRAINT "address_changes_objected" TO "contact_changes_reported";--> statement-breakpoint
ALTER INDEX "address_changes_account" RENAME TO "contact_changes_account";--> statement-breakpoint
ALTER TABLE "messages" RENAME CONSTRAINT "messages_change_id_address_changes_id_fk" TO "messages_change_id_contact_changes_id_fk";--> statement-breakpoint
ALTER TABLE "text_rules" RENAME TO "sms_policy";--> statement-breakpoint
ALTER TABLE "sms_policy" RENAME CONSTRAINT "text_rules_pkey" TO "sms_policy_pkey";--> statement-breakpoint
ALTER TABLE "sms_policy" RENAME CONSTRAINT "text_rules_only" TO "sms_policy_only";--> statement-breakpoint
ALTER TABLE "sms_policy" RENAME CONSTRAINT "text_rules_per_day" TO "sms_policy_per_day";--> statement-breakpoint
ALTER TABLE "sms_policy" RENAME CONSTRAINT "text_rules_per_account" TO "sms_policy_per_account";--> statement-breakpoint
ALTER TABLE "text_counts" RENAME TO "sms_counts";--> statement-breakpoint
ALTER TABLE "sms_counts" RENAME CONSTRAINT "text_counts_scope_day_pk" TO "sms_counts_scope_day_pk";--> statement-breakpoint
ALTER TABLE "throttles" RENAME TO "rate_limits";--> statement-breakpoint
ALTER TABLE "rate_limits" RENAME CONSTRAINT "throttles_pkey" TO "rate_limits_pkey";--> statement-breakpoint
ALTER TABLE "api_accounts" RENAME COLUMN "key_minted_at" TO "key_generated_at";--> statement-breakpoint
ALTER TABLE "audit_events" RENAME COLUMN "act" TO "action";--> statement-breakpoint
ALTER TABLE "audit_events" RENAME CONSTRAINT "audit_events_placed" TO "audit_events_position_required";--> statement-breakpoint
ALTER TABLE "reveals" RENAME COLUMN "code_tries" TO "code_attempts";--> statement-breakpoint
ALTER TABLE "reveals" RENAME CONSTRAINT "reveals_code_tries" TO "reveals_code_attempts";--> statement-breakpoint
ALTER TABLE "reveals" RENAME COLUMN "link_tries" TO "link_attempts";--> statement-breakpoint
ALTER TABLE "reveals" RENAME CONSTRAINT "reveals_link_tries" TO "reveals_link_attempts";--> statement-breakpoint
ALTER TABLE "reveals" RENAME COLUMN "emails_sent_again" TO "emails_resent";--> statement-breakpoint
ALTER TABLE "reveals" RENAME CONSTRAINT "reveals_emails_sent_again" TO "reveals_emails_resent";--> statement-breakpoint
ALTER TABLE "reveals" RENAME COLUMN "texts_sent_again" TO "sms_resent";--> statement-breakpoint
ALTER TABLE "reveals" RENAME CONSTRAINT "reveals_texts_sent_again" TO "reveals_sms_resent";--> statement-breakpoint
ALTER TABLE "reveals" RENAME COLUMN "ended_because" TO "end_reason";--> statement-breakpoint
ALTER TABLE "sessions" RENAME COLUMN "ended_because" TO "end_reason";--> statement-breakpoint
ALTER TABLE "user_links" RENAME COLUMN "ended_because" TO "end_reason";--> statement-breakpoint
ALTER TABLE "sessions" RENAME COLUMN "proven_at" TO "authenticated_at";--> statement-breakpoint
ALTER TABLE "pending_sign_ins" RENAME COLUMN "tries" TO "attempts";--> statement-breakpoint
ALTER TABLE "pending_sign_ins" RENAME CONSTRAINT "pending_sign_ins_tries" TO "pending_sign_ins_attempts";--> statement-breakpoint
ALTER TABLE "users" RENAME COLUMN "password_stands_alone" TO "password_allows_single_factor";--> statement-breakpoint
ALTER TABLE "request_windows" RENAME COLUMN "taken" TO "leased";--> statement-breakpoint
ALTER TABLE "messages" DROP CONSTRAINT "messages_kind";--> statement-breakpoint
UPDATE "messages" SET "kind" = 'change_report' WHERE "kind" = 'objection';--> statement-breakpoint
UPDATE "messages" SET "notice" = 'single_sign_on_unlinked' WHERE "notice" = 'single_sign_on_forgotten';--> statement-breakpoint
ALTER TABLE "messages" ADD CONSTRAINT "messages_kind" CHECK (("messages"."reveal_id" is not null) = ("messages"."kind" in ('reveal_link', 'code'))
        and ("messages"."change_id" is not null) = ("messages"."kind" in ('change_notice', 'change_report'))
        and ("messages"."user_id" is not null) = ("messages"."kind" in ('change_report', 'security_notice'))
        and ("messages"."link_id" is not null) = ("messages"."kind" = 'user_link')
        and ("messages"."notice" is not null) = ("messages"."kind" = 'security_notice')
        and ("messages"."notice_to" is null or "messages"."kind" = 'security_notice')
        and "messages"."kind" in ('reveal_link', 'code', 'change_notice', 'change_report', 'user_link', 'security_notice'));--> statement-breakpoint
UPDATE "passkey_challenges" SET "purpose" = 'reauthenticate' WHERE "purpose" = 'prove';--> statement-breakpoint
-- PostgreSQL 18 also names NOT NULL constraints after the table and the column. Earlier versions have none.
DO $$
DECLARE
  old record;
BEGIN
  FOR old IN
    SELECT t.oid::regclass AS table_name, c.conname, format('%s_%s_not_null', t.relname, a.attname) AS standard_name
    FROM pg_constraint c
      JOIN pg_class t ON t.oid = c.conrelid
      JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = c.conkey[1]
    WHERE c.contype = 'n' AND c.connamespace = 'public'::regnamespace
      AND t.relname IN ('contact_changes', 'sms_policy', 'sms_counts', 'rate_limits', 'audit_events', 'reveals',
        'sessions', 'pending_sign_ins', 'users', 'request_windows')
      AND c.conname <> format('%s_%s_not_null', t.relname, a.attname)
  LOOP
    EXECUTE format('ALTER TABLE %s RENAME CONSTRAINT %I TO %I', old.table_name, old.conname, old.standard_name);
  END LOOP;
END
$$;
