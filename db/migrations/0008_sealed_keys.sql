CREATE TABLE "sealed_keys" (
	"reveal_id" uuid PRIMARY KEY NOT NULL,
	"sealed" "bytea" NOT NULL,
	"expires_at" timestamp with time zone NOT NULL
);
--> statement-breakpoint
ALTER TABLE "sealed_keys" ADD CONSTRAINT "sealed_keys_reveal_id_reveals_id_fk" FOREIGN KEY ("reveal_id") REFERENCES "public"."reveals"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "sealed_keys_expiry" ON "sealed_keys" USING btree ("expires_at");