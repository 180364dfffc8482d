CREATE TABLE "api_account_days" (
	"account_id" uuid NOT NULL,
	"day" date NOT NULL,
	"allowed" bigint DEFAULT 0 NOT NULL,
	"inactive" bigint DEFAULT 0 NOT NULL,
	"limited" bigint DEFAULT 0 NOT NULL,
	CONSTRAINT "api_account_days_account_id_day_pk" PRIMARY KEY("account_id","day")
);
--> statement-breakpoint
CREATE TABLE "api_account_minutes" (
	"account_id" uuid NOT NULL,
	"minute" timestamp with time zone NOT NULL,
	"allowed" integer DEFAULT 0 NOT NULL,
	"inactive" integer DEFAULT 0 NOT NULL,
	"limited" integer DEFAULT 0 NOT NULL,
	CONSTRAINT "api_account_minutes_account_id_minute_pk" PRIMARY KEY("account_id","minute")
) WITH (fillfactor = 70);
--> statement-breakpoint
CREATE TABLE "usage_flushes" (
	"writer" uuid PRIMARY KEY NOT NULL,
	"flush" integer NOT NULL,
	"at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE UNLOGGED TABLE "request_windows" (
	"account_id" uuid PRIMARY KEY NOT NULL,
	"minute" timestamp with time zone NOT NULL,
	"taken" integer NOT NULL
) WITH (fillfactor = 50);
--> statement-breakpoint
ALTER TABLE "api_account_usage" DROP CONSTRAINT "api_account_usage_account_id_api_accounts_id_fk";
--> statement-breakpoint
ALTER TABLE "api_accounts" ADD COLUMN "requests_per_minute" integer;--> statement-breakpoint
ALTER TABLE "api_accounts" ADD CONSTRAINT "api_accounts_requests_per_minute" CHECK ("api_accounts"."requests_per_minute" between 1 and 1000000);--> statement-breakpoint
-- Room beside each row for its next version (a heap-only update), so that counting does not touch the indexes.
ALTER TABLE "api_account_usage" SET (fillfactor = 50);
