CREATE TABLE "audit_chain" (
	"id" text PRIMARY KEY DEFAULT 'only' NOT NULL,
	"position" bigint NOT NULL,
	"digest" "bytea" NOT NULL,
	"start_position" bigint NOT NULL,
	"start_digest" "bytea" NOT NULL,
	CONSTRAINT "audit_chain_only" CHECK ("audit_chain"."id" = 'only')
);
--> statement-breakpoint
CREATE TABLE "identities" (
	"id" uuid PRIMARY KEY NOT NULL,
	"user_id" uuid NOT NULL,
	"issuer_and_subject" text NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"last_used_at" timestamp with time zone,
	CONSTRAINT "identities_issuer_and_subject_unique" UNIQUE("issuer_and_subject")
);
--> statement-breakpoint
CREATE TABLE "passkey_challenges" (
	"id" uuid PRIMARY KEY NOT NULL,
	"purpose" text NOT NULL,
	"user_id" uuid,
	"challenge" text NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"expires_at" timestamp with time zone NOT NULL,
	"used_at" timestamp with time zone,
	CONSTRAINT "passkey_challenges_user" CHECK ("passkey_challenges"."purpose" = 'sign_in' or "passkey_challenges"."user_id" is not null)
);
--> statement-breakpoint
CREATE TABLE "passkeys" (
	"id" uuid PRIMARY KEY NOT NULL,
	"user_id" uuid NOT NULL,
	"credential_id" text NOT NULL,
	"public_key" "bytea" NOT NULL,
	"counter" bigint NOT NULL,
	"transports" text[] NOT NULL,
	"backed_up" boolean NOT NULL,
	"name" text NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"last_used_at" timestamp with time zone,
	CONSTRAINT "passkeys_credential_id_unique" UNIQUE("credential_id")
);
--> statement-breakpoint
CREATE TABLE "recovery_codes" (
	"id" uuid PRIMARY KEY NOT NULL,
	"user_id" uuid NOT NULL,
	"digest" "bytea" NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"used_at" timestamp with time zone
);
--> statement-breakpoint
CREATE TABLE "pending_sign_ins" (
	"id" uuid PRIMARY KEY NOT NULL,
	"user_id" uuid NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"expires_at" timestamp with time zone NOT NULL,
	"tries" integer DEFAULT 0 NOT NULL,
	"used_at" timestamp with time zone,
	CONSTRAINT "pending_sign_ins_tries" CHECK ("pending_sign_ins"."tries" between 0 and 5)
);
--> statement-breakpoint
CREATE TABLE "user_links" (
	"id" uuid PRIMARY KEY NOT NULL,
	"user_id" uuid NOT NULL,
	"purpose" text NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"created_by" uuid,
	"expires_at" timestamp with time zone NOT NULL,
	"ended_at" timestamp with time zone,
	"ended_because" text
);
--> statement-breakpoint
ALTER TABLE "messages" DROP CONSTRAINT "messages_kind";--> statement-breakpoint
ALTER TABLE "users" ALTER COLUMN "password_hash" DROP NOT NULL;--> statement-breakpoint
ALTER TABLE "audit_events" ADD COLUMN "outcome" text DEFAULT 'done' NOT NULL;--> statement-breakpoint
ALTER TABLE "audit_events" ADD COLUMN "target_user_id" uuid;--> statement-breakpoint
ALTER TABLE "audit_events" ADD COLUMN "address" text;--> statement-breakpoint
ALTER TABLE "audit_events" ADD COLUMN "position" bigint;--> statement-breakpoint
ALTER TABLE "audit_events" ADD COLUMN "digest" "bytea";--> statement-breakpoint
ALTER TABLE "messages" ADD COLUMN "link_id" uuid;--> statement-breakpoint
ALTER TABLE "messages" ADD COLUMN "notice" text;--> statement-breakpoint
ALTER TABLE "sessions" ADD COLUMN "address" text;--> statement-breakpoint
ALTER TABLE "sessions" ADD COLUMN "user_agent" text;--> statement-breakpoint
ALTER TABLE "sessions" ADD COLUMN "method" text DEFAULT 'password' NOT NULL;--> statement-breakpoint
ALTER TABLE "sessions" ADD COLUMN "proven_at" timestamp with time zone DEFAULT now() NOT NULL;--> statement-breakpoint
ALTER TABLE "sessions" ADD COLUMN "ended_because" text;--> statement-breakpoint
ALTER TABLE "users" ADD COLUMN "password_changed_at" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "users" ADD COLUMN "totp_secret" "bytea";--> statement-breakpoint
ALTER TABLE "users" ADD COLUMN "totp_confirmed_at" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "users" ADD COLUMN "totp_last_step" bigint;--> statement-breakpoint
ALTER TABLE "users" ADD COLUMN "version" integer DEFAULT 1 NOT NULL;--> statement-breakpoint
ALTER TABLE "users" ADD COLUMN "updated_at" timestamp with time zone DEFAULT now() NOT NULL;--> statement-breakpoint
ALTER TABLE "users" ADD COLUMN "updated_by" uuid;--> statement-breakpoint
ALTER TABLE "identities" ADD CONSTRAINT "identities_user_id_users_id_fk" FOREIGN KEY ("user_id") REFERENCES "public"."users"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "passkey_challenges" ADD CONSTRAINT "passkey_challenges_user_id_users_id_fk" FOREIGN KEY ("user_id") REFERENCES "public"."users"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "passkeys" ADD CONSTRAINT "passkeys_user_id_users_id_fk" FOREIGN KEY ("user_id") REFERENCES "public"."users"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "recovery_codes" ADD CONSTRAINT "recovery_codes_user_id_users_id_fk" FOREIGN KEY ("user_id") REFERENCES "public"."users"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "pending_sign_ins" ADD CONSTRAINT "pending_sign_ins_user_id_users_id_fk" FOREIGN KEY ("user_id") REFERENCES "public"."users"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "user_links" ADD CONSTRAINT "user_links_user_id_users_id_fk" FOREIGN KEY ("user_id") REFERENCES "public"."users"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "identities_user" ON "identities" USING btree ("user_id");--> statement-breakpoint
CREATE INDEX "passkeys_user" ON "passkeys" USING btree ("user_id");--> statement-breakpoint
CREATE INDEX "recovery_codes_user" ON "recovery_codes" USING btree ("user_id");--> statement-breakpoint
CREATE INDEX "pending_sign_ins_user" ON "pending_sign_ins" USING btree ("user_id");--> statement-breakpoint
CREATE INDEX "user_links_user" ON "user_links" USING btree ("user_id");--> statement-breakpoint
ALTER TABLE "messages" ADD CONSTRAINT "messages_link_id_user_links_id_fk" FOREIGN KEY ("link_id") REFERENCES "public"."user_links"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "audit_events_user" ON "audit_events" USING btree ("user_id","at");--> statement-breakpoint
CREATE INDEX "audit_events_target" ON "audit_events" USING btree ("target_user_id","at");--> statement-breakpoint
CREATE INDEX "audit_events_at" ON "audit_events" USING btree ("at");--> statement-breakpoint
ALTER TABLE "audit_events" ADD CONSTRAINT "audit_events_position_unique" UNIQUE("position");--> statement-breakpoint
ALTER TABLE "audit_events" ADD CONSTRAINT "audit_events_outcome" CHECK ("audit_events"."outcome" in ('done', 'refused'));--> statement-breakpoint
ALTER TABLE "audit_events" ADD CONSTRAINT "audit_events_chain" CHECK (("audit_events"."position" is null) = ("audit_events"."digest" is null));--> statement-breakpoint
ALTER TABLE "messages" ADD CONSTRAINT "messages_kind" CHECK (("messages"."reveal_id" is not null) = ("messages"."kind" in ('reveal_link', 'code'))
        and ("messages"."change_id" is not null) = ("messages"."kind" in ('change_notice', 'objection'))
        and ("messages"."user_id" is not null) = ("messages"."kind" in ('objection', 'security_notice'))
        and ("messages"."link_id" is not null) = ("messages"."kind" = 'user_link')
        and ("messages"."notice" is not null) = ("messages"."kind" = 'security_notice')
        and "messages"."kind" in ('reveal_link', 'code', 'change_notice', 'objection', 'user_link', 'security_notice'));--> statement-breakpoint
ALTER TABLE "users" ADD CONSTRAINT "users_totp" CHECK ("users"."totp_confirmed_at" is null or "users"."totp_secret" is not null);--> statement-breakpoint
INSERT INTO "audit_chain" ("id", "position", "digest", "start_position", "start_digest") VALUES ('only', 0, decode(repeat('00', 32), 'hex'), 0, decode(repeat('00', 32), 'hex'));--> statement-breakpoint
-- What is on record may be added to and read, by its owner too (a superuser is beyond any permission); of the chain,
-- only the end may move. docs/audit-log.md says what this holds against, and what two roles add to it.
REVOKE UPDATE, DELETE, TRUNCATE ON "audit_events" FROM CURRENT_USER, PUBLIC;--> statement-breakpoint
REVOKE INSERT, UPDATE, DELETE, TRUNCATE ON "audit_chain" FROM CURRENT_USER, PUBLIC;--> statement-breakpoint
GRANT UPDATE ("position", "digest") ON "audit_chain" TO CURRENT_USER;--> statement-breakpoint
-- The one way for entries to go: the oldest, `most` of them at a time, once they are older than the days given, 90 at
-- least. An entry stays while one before it does. It gives its owner the rights for it and takes them back in one
-- transaction, so that no other session ever has them. Every name is written out, since whoever calls it may have
-- tables of the same names in pg_temp. Returns how many went.
CREATE FUNCTION "public"."audit_prune"(keep_days integer, most integer) RETURNS integer
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  cutoff timestamptz := now() - make_interval(days => keep_days);
  begins bigint;
  last_gone bigint;
  gone integer;
  unchained integer;
BEGIN
  IF keep_days IS NULL OR keep_days < 90 THEN
    RAISE EXCEPTION 'the audit log is kept for at least 90 days';
  END IF;
  SELECT start_position INTO begins FROM public.audit_chain WHERE id = 'only' FOR UPDATE;
  SELECT coalesce(min(position) FILTER (WHERE at >= cutoff) - 1, max(position), begins) INTO last_gone
    FROM (SELECT position, at FROM public.audit_events WHERE position > begins ORDER BY position LIMIT most) oldest;
  EXECUTE format('GRANT DELETE ON public.audit_events TO %I', current_user);
  EXECUTE format('GRANT UPDATE (start_position, start_digest) ON public.audit_chain TO %I', current_user);
  UPDATE public.audit_chain SET start_position = e.position, start_digest = e.digest
    FROM public.audit_events e WHERE audit_chain.id = 'only' AND e.position = last_gone;
  DELETE FROM public.audit_events WHERE position > begins AND position <= last_gone;
  GET DIAGNOSTICS gone = ROW_COUNT;
  DELETE FROM public.audit_events WHERE id IN (
    SELECT id FROM public.audit_events WHERE position IS NULL AND at < cutoff LIMIT most - gone);
  GET DIAGNOSTICS unchained = ROW_COUNT;
  EXECUTE format('REVOKE UPDATE (start_position, start_digest) ON public.audit_chain FROM %I', current_user);
  EXECUTE format('REVOKE DELETE ON public.audit_events FROM %I', current_user);
  RETURN gone + unchained;
END
$$;--> statement-breakpoint
REVOKE EXECUTE ON FUNCTION "public"."audit_prune"(integer, integer) FROM PUBLIC;
