CREATE TABLE "scopes" (
	"name" text PRIMARY KEY NOT NULL,
	"description" text NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"created_by" uuid NOT NULL,
	"retired_at" timestamp with time zone,
	"retired_by" uuid,
	CONSTRAINT "scopes_name" CHECK ("scopes"."name" ~ '^[a-z0-9]+([:._-][a-z0-9]+)*$')
);
--> statement-breakpoint
ALTER TABLE "api_account_days" ADD COLUMN "allowed_previous" bigint DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "api_account_days" ADD COLUMN "expired" bigint DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "api_account_days" ADD COLUMN "insufficient_scope" bigint DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "api_account_days" ADD COLUMN "network_not_allowed" bigint DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "api_account_minutes" ADD COLUMN "allowed_previous" integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "api_account_minutes" ADD COLUMN "expired" integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "api_account_minutes" ADD COLUMN "insufficient_scope" integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "api_account_minutes" ADD COLUMN "network_not_allowed" integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "api_account_usage" ADD COLUMN "current_key_used_at" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "api_account_usage" ADD COLUMN "previous_key_used_at" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "api_accounts" ADD COLUMN "expires_at" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "api_accounts" ADD COLUMN "scopes" text[];--> statement-breakpoint
ALTER TABLE "api_accounts" ADD COLUMN "allowed_networks" text[];--> statement-breakpoint
ALTER TABLE "api_accounts" ADD COLUMN "previous_key_digest" "bytea";--> statement-breakpoint
ALTER TABLE "api_accounts" ADD COLUMN "previous_key_expires_at" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "api_accounts" ADD COLUMN "previous_key_ends_on" text;--> statement-breakpoint
ALTER TABLE "api_accounts" ADD COLUMN "previous_key_ended_at" timestamp with time zone;--> statement-breakpoint
CREATE UNIQUE INDEX "api_accounts_previous_key_digest" ON "api_accounts" USING btree ("previous_key_digest") WHERE "api_accounts"."previous_key_digest" is not null;--> statement-breakpoint
CREATE INDEX "api_accounts_previous_key_expiry" ON "api_accounts" USING btree ("previous_key_expires_at") WHERE "api_accounts"."previous_key_expires_at" is not null;--> statement-breakpoint
ALTER TABLE "api_accounts" ADD CONSTRAINT "api_accounts_previous_key_digest_length" CHECK (octet_length("api_accounts"."previous_key_digest") = 32);--> statement-breakpoint
ALTER TABLE "api_accounts" ADD CONSTRAINT "api_accounts_previous_key_expiry" CHECK ("api_accounts"."previous_key_expires_at" is not null or coalesce("api_accounts"."previous_key_digest"::text, "api_accounts"."previous_key_ends_on", "api_accounts"."previous_key_ended_at"::text) is null);--> statement-breakpoint
ALTER TABLE "api_accounts" ADD CONSTRAINT "api_accounts_allowed_networks" CHECK (cardinality("api_accounts"."allowed_networks") between 1 and 50);