CREATE TABLE "leaks" (
	"id" uuid PRIMARY KEY NOT NULL,
	"account_id" uuid,
	"key" text,
	"reveal_id" uuid,
	"access_token_id" uuid,
	"source" text NOT NULL,
	"url" text,
	"at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "leaks_subject" CHECK (("leaks"."account_id" is null) <> ("leaks"."access_token_id" is null)),
	CONSTRAINT "leaks_key" CHECK (("leaks"."account_id" is null) = ("leaks"."key" is null) and "leaks"."key" in ('current', 'previous')),
	CONSTRAINT "leaks_source" CHECK ("leaks"."source" in ('page', 'api', 'github')),
	CONSTRAINT "leaks_url_length" CHECK (length("leaks"."url") <= 500)
);
--> statement-breakpoint
ALTER TABLE "access_tokens" DROP CONSTRAINT "access_tokens_revoked";--> statement-breakpoint
ALTER TABLE "messages" DROP CONSTRAINT "messages_kind";--> statement-breakpoint
ALTER TABLE "messages" ADD COLUMN "leak_id" uuid;--> statement-breakpoint
ALTER TABLE "leaks" ADD CONSTRAINT "leaks_account_id_api_accounts_id_fk" FOREIGN KEY ("account_id") REFERENCES "public"."api_accounts"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "leaks_account" ON "leaks" USING btree ("account_id");--> statement-breakpoint
ALTER TABLE "messages" ADD CONSTRAINT "messages_leak_id_leaks_id_fk" FOREIGN KEY ("leak_id") REFERENCES "public"."leaks"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "messages_leak" ON "messages" USING btree ("leak_id") WHERE "messages"."leak_id" is not null;--> statement-breakpoint
ALTER TABLE "access_tokens" ADD CONSTRAINT "access_tokens_revoked" CHECK ("access_tokens"."revoked_by" is null or "access_tokens"."revoked_at" is not null);--> statement-breakpoint
ALTER TABLE "messages" ADD CONSTRAINT "messages_kind" CHECK (("messages"."reveal_id" is not null) = ("messages"."kind" in ('reveal_link', 'code'))
        and ("messages"."change_id" is not null) = ("messages"."kind" in ('change_notice', 'change_report'))
        and ("messages"."user_id" is not null) = ("messages"."kind" in ('change_report', 'security_notice', 'expiry_overview', 'unused_overview', 'token_overview', 'leak_report', 'webhook_disabled'))
        and ("messages"."leak_id" is not null) = ("messages"."kind" in ('leak_notice', 'leak_report'))
        and ("messages"."webhook_endpoint_id" is not null) = ("messages"."kind" = 'webhook_disabled')
        and ("messages"."link_id" is not null) = ("messages"."kind" = 'user_link')
        and ("messages"."reminder_id" is not null) = ("messages"."kind" = 'expiry_reminder')
        and ("messages"."overview_id" is not null) = ("messages"."kind" in ('expiry_overview', 'unused_overview', 'token_overview'))
        and ("messages"."notice" is not null) = ("messages"."kind" = 'security_notice')
        and ("messages"."notice_to" is null or "messages"."kind" = 'security_notice')
        and "messages"."kind" in ('reveal_link', 'code', 'change_notice', 'change_report', 'user_link', 'security_notice',
          'expiry_reminder', 'expiry_overview', 'unused_overview', 'token_overview', 'leak_notice', 'leak_report',
          'webhook_disabled'));