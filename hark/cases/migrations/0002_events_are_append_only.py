"""The history of a case can't be changed quietly: the database itself refuses (mission X3, docs/adr/0006)."""

from django.db import migrations

FORWARD = """
CREATE FUNCTION hark_history_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' AND pg_trigger_depth() > 1 THEN
        RETURN OLD;  -- the whole case or brand goes
    END IF;
    IF TG_OP = 'UPDATE' AND (OLD.id, OLD.brand_id, OLD.at, OLD.kind, OLD.why, OLD.detail)
        IS NOT DISTINCT FROM (NEW.id, NEW.brand_id, NEW.at, NEW.kind, NEW.why, NEW.detail) THEN
        RETURN NEW;  -- a case or member that the entry points at was removed
    END IF;
    RAISE EXCEPTION 'the history of a case is append-only';
END $$;
CREATE TRIGGER history_is_append_only BEFORE UPDATE OR DELETE ON cases_event
    FOR EACH ROW EXECUTE FUNCTION hark_history_is_append_only();
"""
BACKWARD = "DROP TRIGGER history_is_append_only ON cases_event; DROP FUNCTION hark_history_is_append_only();"


class Migration(migrations.Migration):
    dependencies = [("cases", "0001_initial")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
