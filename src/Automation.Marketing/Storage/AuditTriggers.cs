using Microsoft.EntityFrameworkCore.Migrations;

namespace Automation.Marketing.Storage;

/// <summary>Part of the migration after the table of audit entries: whoever reaches the database cannot change one either.</summary>
public static class AuditTriggers
{
    public static void KeepAuditEntriesOnSqlite(this MigrationBuilder migration)
    {
        foreach (var deed in new[] { "UPDATE", "DELETE" })
        {
            migration.Sql($"""
                CREATE TRIGGER audit_entries_stay_{deed.ToLowerInvariant()} BEFORE {deed} ON audit_entries
                BEGIN SELECT RAISE(ABORT, 'audit entries are only ever added'); END;
                """);
        }
    }

    public static void KeepAuditEntriesOnPostgres(this MigrationBuilder migration) => migration.Sql("""
        CREATE FUNCTION audit_entries_stay() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN RAISE EXCEPTION 'audit entries are only ever added'; END $$;
        CREATE TRIGGER audit_entries_stay BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_entries
        FOR EACH STATEMENT EXECUTE FUNCTION audit_entries_stay();
        """);
}
