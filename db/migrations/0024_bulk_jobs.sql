CREATE TABLE "bulk_job_items" (
	"job_id" uuid NOT NULL,
	"position" integer NOT NULL,
	"state" text NOT NULL,
	"account_id" uuid,
	"version" integer,
	"reveal_id" uuid,
	"has_key" boolean,
	"cells" text[],
	"username_folded" text,
	"errors" jsonb,
	"note" text,
	CONSTRAINT "bulk_job_items_job_id_position_pk" PRIMARY KEY("job_id","position"),
	CONSTRAINT "bulk_job_items_state" CHECK ("bulk_job_items"."state" in ('unchecked', 'pending', 'invalid', 'done', 'failed')),
	CONSTRAINT "bulk_job_items_errors" CHECK (("bulk_job_items"."errors" is not null) = ("bulk_job_items"."state" in ('invalid', 'failed')))
);
--> statement-breakpoint
CREATE TABLE "bulk_jobs" (
	"id" uuid PRIMARY KEY NOT NULL,
	"operation" text NOT NULL,
	"options" jsonb DEFAULT '{}'::jsonb NOT NULL,
	"state" text NOT NULL,
	"stop_reason" text,
	"waiting_until" timestamp with time zone,
	"created_by" uuid NOT NULL,
	"ip_address" text NOT NULL,
	"has_recent_auth" boolean NOT NULL,
	"columns" text[],
	"total" integer NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"ended_at" timestamp with time zone,
	CONSTRAINT "bulk_jobs_operation" CHECK ("bulk_jobs"."operation" in ('resend', 'deactivate', 'activate', 'reset', 'set_expiry', 'set_scopes', 'set_limit', 'import')),
	CONSTRAINT "bulk_jobs_state" CHECK ("bulk_jobs"."state" in ('uploading', 'checking', 'ready', 'running', 'done', 'cancelled', 'stopped')),
	CONSTRAINT "bulk_jobs_ended" CHECK (("bulk_jobs"."ended_at" is not null) = ("bulk_jobs"."state" in ('done', 'cancelled', 'stopped'))),
	CONSTRAINT "bulk_jobs_stop_reason" CHECK (("bulk_jobs"."stop_reason" is not null) = ("bulk_jobs"."state" = 'stopped'))
);
--> statement-breakpoint
ALTER TABLE "bulk_job_items" ADD CONSTRAINT "bulk_job_items_job_id_bulk_jobs_id_fk" FOREIGN KEY ("job_id") REFERENCES "public"."bulk_jobs"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "bulk_job_items_state" ON "bulk_job_items" USING btree ("job_id","state","position");--> statement-breakpoint
CREATE INDEX "bulk_job_items_username" ON "bulk_job_items" USING btree ("job_id","username_folded","position") WHERE "bulk_job_items"."username_folded" is not null;--> statement-breakpoint
CREATE INDEX "bulk_jobs_created" ON "bulk_jobs" USING btree ("created_at");