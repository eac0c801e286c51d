"""The tables of Lotsen 0.8, as it made them; ``tests/storage/releases/0.8.sql`` is a database that it made itself."""

from __future__ import annotations

import sqlalchemy as sa

METADATA = sa.MetaData()
_TIME = sa.DateTime(timezone=True)
_BYTEWISE = sa.String(40).with_variant(sa.String(40, collation="C"), "postgresql")

sa.Table(
    "asked",
    METADATA,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("conversation", sa.String(255), nullable=False),
    sa.Column("channel", sa.String(40), nullable=False),
    sa.Column("at", _TIME, nullable=False),
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("words", sa.String(200), nullable=False),
    sa.Column("kind", sa.String(20), nullable=False),
    sa.Column("intent", sa.String(100), nullable=False),
    sa.Column("confidence", sa.Float, nullable=False),
    sa.Column("suggestions", sa.Text, nullable=False),
    sa.Column("model", sa.String(64), nullable=False),
    sa.Column("pressed", sa.String(100)),
    sa.Column("sign", sa.String(20)),
    sa.Column("outcome", sa.String(20)),
    sa.Column("handled", _TIME),
    sa.Index("asked_at", "at", "id"),
    sa.Index("asked_of", "conversation", "id"),
    sa.Index("asked_words", "words"),
    sqlite_autoincrement=True,
)
sa.Table(
    "asked_readings",
    METADATA,
    sa.Column("text", sa.String(64), primary_key=True),
    sa.Column("model", sa.String(64), nullable=False),
    sa.Column("nearest", sa.Text, nullable=False),
    sa.Column("vector", sa.LargeBinary, nullable=False),
    sa.Index("ix_asked_readings_model", "model"),
)
sa.Table(
    "audit_head",
    METADATA,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("entry", sa.Integer, nullable=False),
    sa.Column("hash", sa.String(64), nullable=False),
)
sa.Table(
    "audit_log",
    METADATA,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("at", _TIME, nullable=False),
    sa.Column("actor", sa.Text, nullable=False),
    sa.Column("actor_name", sa.Text, nullable=False),
    sa.Column("action", sa.Text, nullable=False),
    sa.Column("case_id", sa.Integer),
    sa.Column("detail", sa.Text, nullable=False),
    sa.Column("previous", sa.String(64), nullable=False),
    sa.Column("hash", sa.String(64), nullable=False),
    sa.UniqueConstraint("previous"),
    sa.UniqueConstraint("hash"),
    sa.Index("audit_log_action", "action", "id"),
    sa.Index("audit_log_case", "case_id", "id"),
)
sa.Table(
    "case_choices",
    METADATA,
    sa.Column("name", sa.String(10), primary_key=True),
    sa.Column("value", sa.String(200), primary_key=True),
)
sa.Table(
    "case_events",
    METADATA,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("case_id", sa.Integer, nullable=False),
    sa.Column("at", _TIME, nullable=False),
    sa.Column("kind", sa.String(20), nullable=False),
    sa.Column("desk", sa.String(40), nullable=False),
    sa.Column("external", sa.String(255)),
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("conversation", sa.String(255)),
    sa.Column("channel", sa.String(40)),
    sa.Column("tell_at", _TIME),
    sa.Column("tries", sa.Integer, nullable=False),
    sa.Column("author", sa.String(200), nullable=False, server_default=""),
    sa.Column("version", sa.Integer),
    sa.UniqueConstraint("case_id", "desk", "external"),
    sa.Index("case_events_kind", "kind", "at"),
    sa.Index("case_events_to_tell", "channel", "tell_at"),
    sa.Index("ix_case_events_case_id", "case_id"),
    sqlite_autoincrement=True,
)
sa.Table(
    "case_words",
    METADATA,
    sa.Column("word", _BYTEWISE, primary_key=True),
    sa.Column("case_id", sa.Integer, primary_key=True, autoincrement=False),
    sa.Index("case_words_case", "case_id", "word"),
    sqlite_with_rowid=False,
)
sa.Table(
    "cases",
    METADATA,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("key", sa.String(64), nullable=False),
    sa.Column("created", _TIME, nullable=False),
    sa.Column("status", sa.String(20), nullable=False),
    sa.Column("conversation", sa.String(255), nullable=False),
    sa.Column("channel", sa.String(40), nullable=False),
    sa.Column("category", sa.String(80), nullable=False, server_default=""),
    sa.Column("parent", sa.Integer),
    sa.Column("lane", sa.String(10), nullable=False, server_default=""),
    sa.Column("live", sa.Integer, nullable=False, server_default="0"),
    sa.Column("level", sa.String(10), nullable=False, server_default=""),
    sa.Column("reasons", sa.String(200), nullable=False, server_default=""),
    sa.Column("due", _TIME),
    sa.Column("due_from", _TIME),
    sa.Column("changed", _TIME),
    sa.Column("answered", sa.Integer, nullable=False, server_default="0"),
    sa.Column("version", sa.Integer, nullable=False, server_default="1"),
    sa.Column("assignee", sa.String(255), nullable=False, server_default=""),
    sa.Column("assignee_name", sa.String(200), nullable=False, server_default=""),
    sa.Column("resolution", sa.String(20), nullable=False, server_default=""),
    sa.Column("merged_into", sa.Integer),
    sa.Column("notice", sa.Integer),
    sa.Column("guide", sa.String(80), nullable=False, server_default=""),
    sa.Column("unit", sa.String(120), nullable=False, server_default=""),
    sa.Column("title", sa.String(200), nullable=False, server_default=""),
    sa.Column("section", sa.String(200), nullable=False, server_default=""),
    sa.Column("problem", sa.String(300), nullable=False, server_default=""),
    sa.Column("body", sa.Text, nullable=False),
    sa.UniqueConstraint("key"),
    sa.Index("cases_category", "category", "live", "id"),
    sa.Index("cases_changed", "lane", "changed", "id", "category", "guide", "unit", "channel"),
    sa.Index("cases_lane", "lane", "due", "id", "category", "guide", "unit", "channel"),
    sa.Index("cases_live", "live", "due", "id", "category", "guide", "unit", "channel"),
    sa.Index("cases_mine", "assignee", "live", "due", "id", "category", "guide", "unit", "channel"),
    sa.Index("ix_cases_conversation", "conversation"),
    sa.Index("ix_cases_created", "created"),
    sa.Index("ix_cases_merged_into", "merged_into"),
    sa.Index("ix_cases_notice", "notice"),
    sa.Index("ix_cases_parent", "parent"),
    sqlite_autoincrement=True,
)
sa.Table(
    "chat_conversations",
    METADATA,
    sa.Column("conversation", sa.String(255), primary_key=True),
    sa.Column("began", sa.Float, nullable=False),
    sa.Column("ended", sa.Float),
    sa.Column("name", sa.String(100), nullable=False, server_default=""),
    sa.Column("unit", sa.String(100), nullable=False, server_default=""),
    sa.Column("seen", sa.Float),
    sa.Index("ix_chat_conversations_began", "began"),
)
sa.Table(
    "chat_messages",
    METADATA,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("conversation", sa.String(255), nullable=False),
    sa.Column("number", sa.Integer),
    sa.Column("author", sa.String(10), nullable=False),
    sa.Column("client_id", sa.String(64)),
    sa.Column("created", _TIME, nullable=False),
    sa.Column("body", sa.Text, nullable=False),
    sa.UniqueConstraint("conversation", "client_id"),
    sa.Index("chat_messages_in_order", "conversation", "number", unique=True),
    sqlite_autoincrement=True,
)
sa.Table(
    "chat_turns",
    METADATA,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("channel", sa.String(40), nullable=False, server_default="web"),
    sa.Column("conversation", sa.String(255), nullable=False),
    sa.Column("heard", sa.Integer, nullable=False),
    sa.Column("expires", sa.Float, nullable=False),
    sa.Index("chat_turns_of", "conversation"),
    sqlite_autoincrement=True,
)
sa.Table(
    "desk_guesses",
    METADATA,
    sa.Column("who", sa.String(80), primary_key=True),
    sa.Column("wrong", sa.Integer, nullable=False),
    sa.Column("until", _TIME, nullable=False),
    sa.Column("last", _TIME, nullable=False),
    sa.Index("ix_desk_guesses_last", "last"),
)
sa.Table(
    "desk_lines",
    METADATA,
    sa.Column("conversation", sa.String(255), primary_key=True),
    sa.Column("channel", sa.String(40), nullable=False),
    sa.Column("case_id", sa.Integer, nullable=False),
    sa.Column("state", sa.String(20), nullable=False),
    sa.Column("agent", sa.String(255), nullable=False),
    sa.Column("name", sa.String(200), nullable=False),
    sa.Column("since", _TIME, nullable=False),
    sa.Column("touched", _TIME, nullable=False),
    sa.Column("opened", sa.Integer, nullable=False),
    sa.Index("ix_desk_lines_touched", "touched"),
)
sa.Table(
    "desk_local",
    METADATA,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("hash", sa.Text, nullable=False),
    sa.Column("made", _TIME, nullable=False),
)
sa.Table(
    "desk_people",
    METADATA,
    sa.Column("id", sa.String(255), primary_key=True),
    sa.Column("name", sa.String(200), nullable=False),
    sa.Column("roles", sa.Text, nullable=False),
    sa.Column("seen", _TIME, nullable=False),
)
sa.Table(
    "desk_sessions",
    METADATA,
    sa.Column("token", sa.String(64), primary_key=True),
    sa.Column("who", sa.String(255), nullable=False),
    sa.Column("name", sa.String(200), nullable=False),
    sa.Column("roles", sa.Text, nullable=False),
    sa.Column("way", sa.String(20), nullable=False),
    sa.Column("csrf", sa.String(64), nullable=False),
    sa.Column("flash", sa.Text, nullable=False),
    sa.Column("began", _TIME, nullable=False),
    sa.Column("used", _TIME, nullable=False),
    sa.Column("kept", sa.Text, nullable=False),
    sa.Index("ix_desk_sessions_who", "who"),
)
sa.Table(
    "desk_sign_ins",
    METADATA,
    sa.Column("state", sa.String(64), primary_key=True),
    sa.Column("browser", sa.String(64), nullable=False),
    sa.Column("verifier", sa.String(64), nullable=False),
    sa.Column("nonce", sa.String(64), nullable=False),
    sa.Column("next", sa.Text, nullable=False),
    sa.Column("expires", _TIME, nullable=False),
    sa.Index("ix_desk_sign_ins_expires", "expires"),
)
sa.Table(
    "events",
    METADATA,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("sender_id", sa.String(255), nullable=False),
    sa.Column("type_name", sa.String(255), nullable=False),
    sa.Column("timestamp", sa.Float),
    sa.Column("intent_name", sa.String(255)),
    sa.Column("action_name", sa.String(255)),
    sa.Column("data", sa.Text),
    sa.Index("ix_events_sender_id", "sender_id"),
)
sa.Table(
    "feedback",
    METADATA,
    sa.Column("conversation", sa.String(255), primary_key=True),
    sa.Column("message", sa.Integer, primary_key=True),
    sa.Column("answer", sa.String(100), nullable=False),
    sa.Column("rating", sa.String(4), nullable=False),
    sa.Column("comment", sa.Text, nullable=False),
    sa.Column("created", _TIME, nullable=False),
    sa.Index("feedback_created", "created"),
)
sa.Table(
    "guide_runs",
    METADATA,
    sa.Column("id", sa.String(64), primary_key=True),
    sa.Column("conversation", sa.String(255), nullable=False),
    sa.Column("channel", sa.String(40), nullable=False),
    sa.Column("guide", sa.String(80), nullable=False),
    sa.Column("version", sa.String(20), nullable=False),
    sa.Column("status", sa.String(20), nullable=False),
    sa.Column("began", _TIME, nullable=False),
    sa.Column("touched", _TIME, nullable=False),
    sa.Column("ended", _TIME),
    sa.Column("handed_off", sa.Boolean, nullable=False),
    sa.Column("body", sa.Text, nullable=False),
    sa.Index("guide_runs_of", "guide", "began"),
    sa.Index("guide_runs_open", "status", "touched"),
    sa.Index("ix_guide_runs_conversation", "conversation"),
)
sa.Table(
    "guide_timers",
    METADATA,
    sa.Column("conversation", sa.String(255), primary_key=True),
    sa.Column("channel", sa.String(40), nullable=False),
    sa.Column("due", sa.Float, nullable=False),
    sa.Column("tries", sa.Integer, nullable=False),
    sa.Index("guide_timers_due", "channel", "due"),
)
sa.Table(
    "notice_told",
    METADATA,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("notice", sa.Integer, nullable=False),
    sa.Column("conversation", sa.String(255), nullable=False),
    sa.Column("channel", sa.String(40), nullable=False),
    sa.Column("told", _TIME, nullable=False),
    sa.Column("over_at", _TIME),
    sa.Column("tries", sa.Integer, nullable=False),
    sa.UniqueConstraint("notice", "conversation"),
    sa.Index("ix_notice_told_conversation", "conversation"),
    sa.Index("notice_told_over", "channel", "over_at"),
    sqlite_autoincrement=True,
)
sa.Table(
    "notices",
    METADATA,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("kind", sa.String(80), nullable=False),
    sa.Column("source", sa.String(20), nullable=False),
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("created", _TIME, nullable=False),
    sa.Column("ends", _TIME, nullable=False),
    sa.Column("lifted", _TIME),
    sa.Column("lead", sa.Integer),
    sa.Column("current", sa.String(80)),
    sa.UniqueConstraint("current"),
    sa.Index("ix_notices_kind", "kind"),
    sqlite_autoincrement=True,
)
sa.Table(
    "outbox",
    METADATA,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("case_id", sa.Integer, nullable=False),
    sa.Column("desk", sa.String(40), nullable=False),
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("state", sa.String(20), nullable=False),
    sa.Column("attempts", sa.Integer, nullable=False),
    sa.Column("doubtful", sa.Boolean, nullable=False),
    sa.Column("due", _TIME, nullable=False),
    sa.Column("error", sa.Text, nullable=False),
    sa.Column("ref", sa.String(255), nullable=False),
    sa.Column("number", sa.String(255), nullable=False),
    sa.Column("url", sa.Text, nullable=False),
    sa.Column("delivered", _TIME),
    sa.Column("mark", sa.String(255), nullable=False),
    sa.UniqueConstraint("case_id", "desk"),
    sa.Index("outbox_due", "desk", "state", "due"),
    sa.Index("outbox_ref", "desk", "ref"),
    sqlite_autoincrement=True,
)
sa.Table(
    "resume_codes",
    METADATA,
    sa.Column("conversation", sa.String(255), primary_key=True),
    sa.Column("hash", sa.String(64), nullable=False),
    sa.Column("expires", sa.Float, nullable=False),
    sa.Index("ix_resume_codes_hash", "hash"),
)
sa.Table(
    "teams_conversations",
    METADATA,
    sa.Column("conversation", sa.String(255), primary_key=True),
    sa.Column("tenant", sa.String(40), nullable=False),
    sa.Column("service", sa.String(500), nullable=False),
    sa.Column("teams_conversation", sa.String(500), nullable=False),
    sa.Column("user", sa.String(500), nullable=False),
    sa.Column("bot", sa.String(500), nullable=False),
    sa.Column("gone", sa.Boolean, nullable=False),
    sa.Column("told", sa.Integer, nullable=False),
    sa.Column("tries", sa.Integer, nullable=False),
    sa.Column("due", sa.Float),
    sa.Column("leased", sa.Float, nullable=False),
    sa.Column("holder", sa.String(32)),
    sa.Index("ix_teams_conversations_due", "due"),
)

_REFUSAL = "the audit log is only appended to"
SQLITE = [
    f"""CREATE TRIGGER IF NOT EXISTS {name} BEFORE {event} ON {table} {when}
    BEGIN SELECT RAISE(ABORT, '{_REFUSAL}'); END"""
    for name, event, table, when in (
        ("audit_log_no_update", "UPDATE", "audit_log", ""),
        ("audit_log_no_delete", "DELETE", "audit_log", ""),
        ("audit_head_no_delete", "DELETE", "audit_head", ""),
        ("audit_head_only_grows", "UPDATE", "audit_head", "WHEN NEW.entry < OLD.entry"),
        (
            "audit_log_no_replace",
            "INSERT",
            "audit_log",
            "WHEN EXISTS (SELECT 1 FROM audit_log WHERE id = NEW.id OR previous = NEW.previous OR hash = NEW.hash)",
        ),
        ("audit_head_no_replace", "INSERT", "audit_head", "WHEN EXISTS (SELECT 1 FROM audit_head)"),
    )
]
POSTGRESQL = [
    f"""CREATE OR REPLACE FUNCTION audit_log_refuse() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN RAISE EXCEPTION '{_REFUSAL}'; END $$""",
    *(
        f"CREATE OR REPLACE TRIGGER {name} BEFORE {event} ON {table} {each} EXECUTE FUNCTION audit_log_refuse()"
        for name, event, table, each in (
            ("audit_log_no_update", "UPDATE", "audit_log", "FOR EACH STATEMENT"),
            ("audit_log_no_delete", "DELETE OR TRUNCATE", "audit_log", "FOR EACH STATEMENT"),
            ("audit_head_no_delete", "DELETE OR TRUNCATE", "audit_head", "FOR EACH STATEMENT"),
            ("audit_head_only_grows", "UPDATE", "audit_head", "FOR EACH ROW WHEN (NEW.entry < OLD.entry)"),
        )
    ),
]
"""What makes the database itself refuse to change the audit log."""
BEGIN_CHAIN = f"""
    INSERT INTO audit_head (id, entry, hash) SELECT 1, 0, '{"0" * 64}'
    WHERE NOT EXISTS (SELECT 1 FROM audit_head) AND NOT EXISTS (SELECT 1 FROM audit_log)
"""
"""The head of an empty chain. One that is gone while there are entries is not made anew: that must show."""
