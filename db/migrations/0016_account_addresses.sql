CREATE TABLE "api_account_addresses" (
	"account_id" uuid NOT NULL,
	"allowed" boolean NOT NULL,
	"address" text NOT NULL,
	"last_seen_at" timestamp with time zone NOT NULL,
	CONSTRAINT "api_account_addresses_account_id_allowed_address_pk" PRIMARY KEY("account_id","allowed","address")
);
--> statement-breakpoint
ALTER TABLE "usage_flushes" ADD COLUMN "trusted_proxies" smallint;--> statement-breakpoint
CREATE INDEX "api_account_addresses_refused" ON "api_account_addresses" USING btree ("last_seen_at","account_id") WHERE not "api_account_addresses"."allowed";