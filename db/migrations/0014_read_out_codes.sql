ALTER TABLE "reveals" ADD COLUMN "read_out_generation" integer;--> statement-breakpoint
ALTER TABLE "reveals" ADD COLUMN "read_out_request" uuid;--> statement-breakpoint
ALTER TABLE "reveals" ADD CONSTRAINT "reveals_read_out" CHECK (("reveals"."read_out_generation" is null) = ("reveals"."read_out_request" is null)
        and "reveals"."read_out_generation" <= "reveals"."code_generation");