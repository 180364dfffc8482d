DROP INDEX "api_accounts_email";--> statement-breakpoint
ALTER TABLE "api_account_usage" ALTER COLUMN "last_used_at" DROP NOT NULL;--> statement-breakpoint
ALTER TABLE "api_account_usage" ADD COLUMN "last_used_minute" timestamp GENERATED ALWAYS AS (date_trunc('minute', coalesce(last_used_at, 'epoch'::timestamptz) at time zone 'UTC')) STORED NOT NULL;--> statement-breakpoint
CREATE INDEX "api_account_usage_minute" ON "api_account_usage" USING btree ("last_used_minute","account_id");--> statement-breakpoint
CREATE INDEX "api_accounts_phone" ON "api_accounts" USING btree ("phone","id");--> statement-breakpoint
CREATE INDEX "api_accounts_active" ON "api_accounts" USING btree ("username_folded") WHERE "api_accounts"."active" and "api_accounts"."key_digest" is not null;--> statement-breakpoint
CREATE INDEX "api_accounts_inactive" ON "api_accounts" USING btree ("username_folded") WHERE not "api_accounts"."active";--> statement-breakpoint
CREATE INDEX "contact_changes_time" ON "contact_changes" USING btree ("at");--> statement-breakpoint
CREATE INDEX "contact_changes_open_reports" ON "contact_changes" USING btree ("account_id") WHERE "contact_changes"."reported_at" is not null and "contact_changes"."resolved_at" is null;--> statement-breakpoint
CREATE INDEX "reveals_unfinished" ON "reveals" USING btree ("account_id") WHERE "reveals"."ended_at" is null or "reveals"."end_reason" = 'locked';--> statement-breakpoint
CREATE INDEX "api_accounts_email" ON "api_accounts" USING btree ("email","id");--> statement-breakpoint
INSERT INTO "api_account_usage" ("account_id") SELECT "id" FROM "api_accounts" ON CONFLICT DO NOTHING;
