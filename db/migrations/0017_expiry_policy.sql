CREATE TABLE "expiry_policy" (
	"id" text PRIMARY KEY DEFAULT 'only' NOT NULL,
	"default_days" integer,
	"max_days" integer,
	"version" integer DEFAULT 1 NOT NULL,
	"updated_at" timestamp with time zone DEFAULT now() NOT NULL,
	"updated_by" uuid NOT NULL,
	CONSTRAINT "expiry_policy_only" CHECK ("expiry_policy"."id" = 'only'),
	CONSTRAINT "expiry_policy_max_days" CHECK ("expiry_policy"."max_days" between 1 and 3650),
	CONSTRAINT "expiry_policy_default_days" CHECK ("expiry_policy"."default_days" between 1 and 3650 and ("expiry_policy"."max_days" is null or "expiry_policy"."default_days" <= "expiry_policy"."max_days"))
);
--> statement-breakpoint
CREATE TABLE "expiry_reminders" (
	"id" uuid PRIMARY KEY NOT NULL,
	"account_id" uuid NOT NULL,
	"expires_at" timestamp with time zone NOT NULL,
	"days_before" integer NOT NULL,
	"is_skipped" boolean DEFAULT false NOT NULL,
	"overview_id" uuid,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "expiry_reminders_once" UNIQUE("account_id","expires_at","days_before"),
	CONSTRAINT "expiry_reminders_days_before" CHECK ("expiry_reminders"."days_before" in (30, 7, 1, 0))
);
--> statement-breakpoint
CREATE TABLE "overviews" (
	"id" uuid PRIMARY KEY NOT NULL,
	"kind" text NOT NULL,
	"period" date NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "overviews_period" UNIQUE("kind","period"),
	CONSTRAINT "overviews_kind" CHECK ("overviews"."kind" in ('expiry', 'unused'))
);
--> statement-breakpoint
ALTER TABLE "messages" DROP CONSTRAINT "messages_kind";--> statement-breakpoint
ALTER TABLE "messages" ADD COLUMN "reminder_id" uuid;--> statement-breakpoint
ALTER TABLE "messages" ADD COLUMN "overview_id" uuid;--> statement-breakpoint
ALTER TABLE "expiry_reminders" ADD CONSTRAINT "expiry_reminders_account_id_api_accounts_id_fk" FOREIGN KEY ("account_id") REFERENCES "public"."api_accounts"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "expiry_reminders" ADD CONSTRAINT "expiry_reminders_overview_id_overviews_id_fk" FOREIGN KEY ("overview_id") REFERENCES "public"."overviews"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "expiry_reminders_unlisted" ON "expiry_reminders" USING btree ("account_id") WHERE "expiry_reminders"."overview_id" is null and not "expiry_reminders"."is_skipped";--> statement-breakpoint
ALTER TABLE "messages" ADD CONSTRAINT "messages_reminder_id_expiry_reminders_id_fk" FOREIGN KEY ("reminder_id") REFERENCES "public"."expiry_reminders"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "messages" ADD CONSTRAINT "messages_overview_id_overviews_id_fk" FOREIGN KEY ("overview_id") REFERENCES "public"."overviews"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "messages_reminder" ON "messages" USING btree ("reminder_id");--> statement-breakpoint
ALTER TABLE "messages" ADD CONSTRAINT "messages_kind" CHECK (("messages"."reveal_id" is not null) = ("messages"."kind" in ('reveal_link', 'code'))
        and ("messages"."change_id" is not null) = ("messages"."kind" in ('change_notice', 'change_report'))
        and ("messages"."user_id" is not null) = ("messages"."kind" in ('change_report', 'security_notice', 'expiry_overview', 'unused_overview'))
        and ("messages"."link_id" is not null) = ("messages"."kind" = 'user_link')
        and ("messages"."reminder_id" is not null) = ("messages"."kind" = 'expiry_reminder')
        and ("messages"."overview_id" is not null) = ("messages"."kind" in ('expiry_overview', 'unused_overview'))
        and ("messages"."notice" is not null) = ("messages"."kind" = 'security_notice')
        and ("messages"."notice_to" is null or "messages"."kind" = 'security_notice')
        and "messages"."kind" in ('reveal_link', 'code', 'change_notice', 'change_report', 'user_link', 'security_notice',
          'expiry_reminder', 'expiry_overview', 'unused_overview'));