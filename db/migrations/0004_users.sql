ALTER TABLE "messages" DROP CONSTRAINT "messages_kind";--> statement-breakpoint
ALTER TABLE "messages" ADD COLUMN "notice_to" text;--> statement-breakpoint
ALTER TABLE "users" ADD COLUMN "password_stands_alone" boolean DEFAULT false NOT NULL;--> statement-breakpoint
ALTER TABLE "messages" ADD CONSTRAINT "messages_kind" CHECK (("messages"."reveal_id" is not null) = ("messages"."kind" in ('reveal_link', 'code'))
        and ("messages"."change_id" is not null) = ("messages"."kind" in ('change_notice', 'objection'))
        and ("messages"."user_id" is not null) = ("messages"."kind" in ('objection', 'security_notice'))
        and ("messages"."link_id" is not null) = ("messages"."kind" = 'user_link')
        and ("messages"."notice" is not null) = ("messages"."kind" = 'security_notice')
        and ("messages"."notice_to" is null or "messages"."kind" = 'security_notice')
        and "messages"."kind" in ('reveal_link', 'code', 'change_notice', 'objection', 'user_link', 'security_notice'));