CREATE TABLE "deleted_api_accounts" (
	"id" uuid PRIMARY KEY NOT NULL,
	"username" text NOT NULL,
	"username_folded" text NOT NULL,
	"created_at" timestamp with time zone NOT NULL,
	"created_by" uuid,
	"deleted_at" timestamp with time zone DEFAULT now() NOT NULL,
	"deleted_by" uuid NOT NULL
);
--> statement-breakpoint
ALTER TABLE "api_account_usage" ADD COLUMN "last_address" text;--> statement-breakpoint
ALTER TABLE "api_accounts" ADD COLUMN "display_name" text DEFAULT '' NOT NULL;--> statement-breakpoint
ALTER TABLE "api_accounts" ADD COLUMN "notes" text DEFAULT '' NOT NULL;--> statement-breakpoint
ALTER TABLE "api_accounts" ADD COLUMN "created_by" uuid;--> statement-breakpoint
CREATE INDEX "deleted_api_accounts_username" ON "deleted_api_accounts" USING btree ("username_folded");--> statement-breakpoint
CREATE INDEX "deleted_api_accounts_time" ON "deleted_api_accounts" USING btree ("deleted_at");--> statement-breakpoint
UPDATE "api_accounts" a SET "created_by" = e."user_id" FROM "audit_events" e WHERE e."account_id" = a."id" AND e."action" = 'api_account.created';
