CREATE TABLE "address_changes" (
	"id" uuid PRIMARY KEY NOT NULL,
	"account_id" uuid NOT NULL,
	"at" timestamp with time zone DEFAULT now() NOT NULL,
	"changed_by" uuid NOT NULL,
	"old_email" text NOT NULL,
	"new_email" text NOT NULL,
	"old_phone" text NOT NULL,
	"new_phone" text NOT NULL,
	"objected_at" timestamp with time zone,
	"settled_at" timestamp with time zone,
	"settled_by" uuid,
	CONSTRAINT "address_changes_settled" CHECK (("address_changes"."settled_at" is null) = ("address_changes"."settled_by" is null)),
	CONSTRAINT "address_changes_objected" CHECK ("address_changes"."settled_at" is null or "address_changes"."objected_at" is not null)
);
--> statement-breakpoint
CREATE TABLE "delivery_reports" (
	"id" uuid PRIMARY KEY NOT NULL,
	"message_id" uuid NOT NULL,
	"kind" text NOT NULL,
	"at" timestamp with time zone NOT NULL,
	"received_at" timestamp with time zone DEFAULT now() NOT NULL,
	"reason" text,
	"source_id" text NOT NULL,
	CONSTRAINT "delivery_reports_source_id_unique" UNIQUE("source_id"),
	CONSTRAINT "delivery_reports_kind" CHECK ("delivery_reports"."kind" in ('delivered', 'delayed', 'bounced', 'complained', 'failed'))
);
--> statement-breakpoint
CREATE TABLE "webhook_receipts" (
	"id" text PRIMARY KEY NOT NULL,
	"signed_at" timestamp with time zone NOT NULL,
	"received_at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "link_openings" (
	"id" uuid PRIMARY KEY NOT NULL,
	"reveal_id" uuid NOT NULL,
	"at" timestamp with time zone DEFAULT now() NOT NULL,
	"touched_at" timestamp with time zone
);
--> statement-breakpoint
CREATE TABLE "text_counts" (
	"scope" text NOT NULL,
	"day" date NOT NULL,
	"queued" integer DEFAULT 0 NOT NULL,
	"refused" integer DEFAULT 0 NOT NULL,
	CONSTRAINT "text_counts_scope_day_pk" PRIMARY KEY("scope","day")
);
--> statement-breakpoint
CREATE TABLE "text_rules" (
	"id" text PRIMARY KEY DEFAULT 'only' NOT NULL,
	"countries" text[] NOT NULL,
	"per_day" integer NOT NULL,
	"per_account_per_day" integer NOT NULL,
	"version" integer DEFAULT 1 NOT NULL,
	"updated_at" timestamp with time zone DEFAULT now() NOT NULL,
	"updated_by" uuid NOT NULL,
	CONSTRAINT "text_rules_only" CHECK ("text_rules"."id" = 'only'),
	CONSTRAINT "text_rules_per_day" CHECK ("text_rules"."per_day" between 0 and 100000),
	CONSTRAINT "text_rules_per_account" CHECK ("text_rules"."per_account_per_day" between 0 and 1000)
);
--> statement-breakpoint
ALTER TABLE "messages" DROP CONSTRAINT "messages_channel";--> statement-breakpoint
ALTER TABLE "messages" DROP CONSTRAINT "messages_state";--> statement-breakpoint
ALTER TABLE "messages" ALTER COLUMN "reveal_id" DROP NOT NULL;--> statement-breakpoint
ALTER TABLE "messages" ADD COLUMN "kind" text;--> statement-breakpoint
UPDATE "messages" SET "kind" = CASE "channel" WHEN 'sms' THEN 'code' ELSE 'reveal_link' END;--> statement-breakpoint
ALTER TABLE "messages" ALTER COLUMN "kind" SET NOT NULL;--> statement-breakpoint
ALTER TABLE "messages" ADD COLUMN "change_id" uuid;--> statement-breakpoint
ALTER TABLE "messages" ADD COLUMN "user_id" uuid;--> statement-breakpoint
ALTER TABLE "messages" ADD COLUMN "unanswered" integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "messages" ADD COLUMN "attempt_until" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "messages" ADD COLUMN "next_attempt_at" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "messages" ADD COLUMN "provider" text;--> statement-breakpoint
ALTER TABLE "reveals" ADD COLUMN "emails_sent_again" integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "reveals" ADD COLUMN "texts_sent_again" integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "reveals" ADD COLUMN "email_queued_at" timestamp with time zone DEFAULT now() NOT NULL;--> statement-breakpoint
ALTER TABLE "reveals" ADD COLUMN "openings" integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "address_changes" ADD CONSTRAINT "address_changes_account_id_api_accounts_id_fk" FOREIGN KEY ("account_id") REFERENCES "public"."api_accounts"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "delivery_reports" ADD CONSTRAINT "delivery_reports_message_id_messages_id_fk" FOREIGN KEY ("message_id") REFERENCES "public"."messages"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "link_openings" ADD CONSTRAINT "link_openings_reveal_id_reveals_id_fk" FOREIGN KEY ("reveal_id") REFERENCES "public"."reveals"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "address_changes_account" ON "address_changes" USING btree ("account_id","at");--> statement-breakpoint
CREATE INDEX "delivery_reports_message" ON "delivery_reports" USING btree ("message_id");--> statement-breakpoint
CREATE INDEX "link_openings_reveal" ON "link_openings" USING btree ("reveal_id");--> statement-breakpoint
ALTER TABLE "messages" ADD CONSTRAINT "messages_change_id_address_changes_id_fk" FOREIGN KEY ("change_id") REFERENCES "public"."address_changes"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "messages" ADD CONSTRAINT "messages_user_id_users_id_fk" FOREIGN KEY ("user_id") REFERENCES "public"."users"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "messages_change" ON "messages" USING btree ("change_id");--> statement-breakpoint
CREATE INDEX "messages_provider_id" ON "messages" USING btree ("provider_id");--> statement-breakpoint
ALTER TABLE "messages" ADD CONSTRAINT "messages_kind" CHECK (("messages"."kind" in ('reveal_link', 'code') and "messages"."reveal_id" is not null and "messages"."change_id" is null and "messages"."user_id" is null)
        or ("messages"."kind" = 'change_notice' and "messages"."reveal_id" is null and "messages"."change_id" is not null and "messages"."user_id" is null)
        or ("messages"."kind" = 'objection' and "messages"."reveal_id" is null and "messages"."change_id" is not null and "messages"."user_id" is not null));--> statement-breakpoint
ALTER TABLE "messages" ADD CONSTRAINT "messages_channel" CHECK ("messages"."channel" = case when "messages"."kind" = 'code' then 'sms' else 'email' end);--> statement-breakpoint
ALTER TABLE "messages" ADD CONSTRAINT "messages_state" CHECK ("messages"."state" in ('queued', 'sent', 'failed', 'dropped', 'refused'));--> statement-breakpoint
ALTER TABLE "reveals" ADD CONSTRAINT "reveals_emails_sent_again" CHECK ("reveals"."emails_sent_again" between 0 and 5);--> statement-breakpoint
ALTER TABLE "reveals" ADD CONSTRAINT "reveals_texts_sent_again" CHECK ("reveals"."texts_sent_again" between 0 and 5);--> statement-breakpoint
ALTER TABLE "reveals" ADD CONSTRAINT "reveals_openings" CHECK ("reveals"."openings" between 0 and 20);