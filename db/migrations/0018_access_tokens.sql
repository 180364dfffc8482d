CREATE TABLE "access_tokens" (
	"id" uuid PRIMARY KEY NOT NULL,
	"name" text NOT NULL,
	"digest" "bytea" NOT NULL,
	"scopes" text[] NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"created_by" uuid NOT NULL,
	"expires_at" timestamp with time zone NOT NULL,
	"last_used_at" timestamp with time zone,
	"last_ip_address" text,
	"revoked_at" timestamp with time zone,
	"revoked_by" uuid,
	"reminder_days" integer,
	CONSTRAINT "access_tokens_digest_unique" UNIQUE("digest"),
	CONSTRAINT "access_tokens_digest_length" CHECK (octet_length("access_tokens"."digest") = 32),
	CONSTRAINT "access_tokens_scopes" CHECK (cardinality("access_tokens"."scopes") > 0
        and "access_tokens"."scopes" <@ array['accounts:read', 'accounts:write', 'audit:read', 'webhooks:write']),
	CONSTRAINT "access_tokens_expiry" CHECK ("access_tokens"."expires_at" - "access_tokens"."created_at" between interval '0' and interval '365 days'),
	CONSTRAINT "access_tokens_revoked" CHECK (("access_tokens"."revoked_at" is null) = ("access_tokens"."revoked_by" is null)),
	CONSTRAINT "access_tokens_reminder_days" CHECK ("access_tokens"."reminder_days" in (14, 7, 1, 0))
);
--> statement-breakpoint
ALTER TABLE "overviews" DROP CONSTRAINT "overviews_kind";--> statement-breakpoint
ALTER TABLE "messages" DROP CONSTRAINT "messages_kind";--> statement-breakpoint
ALTER TABLE "audit_events" ADD COLUMN "access_token_id" uuid;--> statement-breakpoint
CREATE INDEX "audit_events_access_token" ON "audit_events" USING btree ("access_token_id","at") WHERE "audit_events"."access_token_id" is not null;--> statement-breakpoint
ALTER TABLE "audit_events" ADD CONSTRAINT "audit_events_actor" CHECK ("audit_events"."user_id" is null or "audit_events"."access_token_id" is null);--> statement-breakpoint
ALTER TABLE "overviews" ADD CONSTRAINT "overviews_kind" CHECK ("overviews"."kind" in ('expiry', 'unused', 'token'));--> statement-breakpoint
ALTER TABLE "messages" ADD CONSTRAINT "messages_kind" CHECK (("messages"."reveal_id" is not null) = ("messages"."kind" in ('reveal_link', 'code'))
        and ("messages"."change_id" is not null) = ("messages"."kind" in ('change_notice', 'change_report'))
        and ("messages"."user_id" is not null) = ("messages"."kind" in ('change_report', 'security_notice', 'expiry_overview', 'unused_overview', 'token_overview'))
        and ("messages"."link_id" is not null) = ("messages"."kind" = 'user_link')
        and ("messages"."reminder_id" is not null) = ("messages"."kind" = 'expiry_reminder')
        and ("messages"."overview_id" is not null) = ("messages"."kind" in ('expiry_overview', 'unused_overview', 'token_overview'))
        and ("messages"."notice" is not null) = ("messages"."kind" = 'security_notice')
        and ("messages"."notice_to" is null or "messages"."kind" = 'security_notice')
        and "messages"."kind" in ('reveal_link', 'code', 'change_notice', 'change_report', 'user_link', 'security_notice',
          'expiry_reminder', 'expiry_overview', 'unused_overview', 'token_overview'));