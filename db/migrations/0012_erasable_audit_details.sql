CREATE TABLE "audit_erasable_details" (
	"event_id" uuid PRIMARY KEY NOT NULL,
	"salt" "bytea" NOT NULL,
	"details" jsonb NOT NULL
);
--> statement-breakpoint
-- Rows may be added, read and erased, but not changed, not even by the owner.
REVOKE UPDATE, TRUNCATE ON "audit_erasable_details" FROM CURRENT_USER, PUBLIC;--> statement-breakpoint
-- As in 0003_administrators, and also deletes the erasable details of the deleted events. Keeps its owner and privileges.
CREATE OR REPLACE FUNCTION "public"."audit_prune"(keep_days integer, most integer) RETURNS integer
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
  DELETE FROM public.audit_erasable_details WHERE event_id IN (
    SELECT id FROM public.audit_events WHERE position > begins AND position <= last_gone);
  DELETE FROM public.audit_events WHERE position > begins AND position <= last_gone;
  GET DIAGNOSTICS gone = ROW_COUNT;
  DELETE FROM public.audit_events WHERE id IN (
    SELECT id FROM public.audit_events WHERE position IS NULL AND at < cutoff LIMIT most - gone);
  GET DIAGNOSTICS unchained = ROW_COUNT;
  EXECUTE format('REVOKE UPDATE (start_position, start_digest) ON public.audit_chain FROM %I', current_user);
  EXECUTE format('REVOKE DELETE ON public.audit_events FROM %I', current_user);
  RETURN gone + unchained;
END
$$;
