using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Automation.Marketing.Storage.Sqlite.Migrations
{
    /// <inheritdoc />
    public partial class FlowsAndTemplates : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropIndex(
                name: "IX_flow_bookmarks_contact_id_name_key",
                table: "flow_bookmarks");

            migrationBuilder.AddColumn<string>(
                name: "email",
                table: "users",
                type: "TEXT",
                maxLength: 254,
                nullable: true);

            migrationBuilder.AddColumn<long>(
                name: "paused_at",
                table: "flow_instances",
                type: "INTEGER",
                nullable: true);

            migrationBuilder.AddColumn<long>(
                name: "changed_at",
                table: "flow_definitions",
                type: "INTEGER",
                nullable: false,
                defaultValue: 0L);

            migrationBuilder.AddColumn<string>(
                name: "changed_by",
                table: "flow_definitions",
                type: "TEXT",
                maxLength: 100,
                nullable: false,
                defaultValue: "");

            migrationBuilder.AddColumn<string>(
                name: "created_by",
                table: "flow_definitions",
                type: "TEXT",
                maxLength: 100,
                nullable: false,
                defaultValue: "");

            migrationBuilder.AddColumn<string>(
                name: "description",
                table: "flow_definitions",
                type: "TEXT",
                maxLength: 2000,
                nullable: false,
                defaultValue: "");

            migrationBuilder.AddColumn<long>(
                name: "published_at",
                table: "flow_definitions",
                type: "INTEGER",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "published_by",
                table: "flow_definitions",
                type: "TEXT",
                maxLength: 100,
                nullable: true);

            migrationBuilder.AddColumn<int>(
                name: "revision",
                table: "flow_definitions",
                type: "INTEGER",
                nullable: false,
                defaultValue: 0);

            migrationBuilder.AddColumn<long>(
                name: "held_due_at",
                table: "flow_bookmarks",
                type: "INTEGER",
                nullable: true);

            migrationBuilder.CreateTable(
                name: "calendar_entries",
                columns: table => new
                {
                    definition_id = table.Column<string>(type: "TEXT", maxLength: 100, nullable: false),
                    activity_id = table.Column<string>(type: "TEXT", maxLength: 100, nullable: false),
                    year = table.Column<int>(type: "INTEGER", nullable: false),
                    anchor = table.Column<string>(type: "TEXT", maxLength: 64, nullable: false),
                    audience = table.Column<string>(type: "TEXT", nullable: false),
                    opens_at = table.Column<long>(type: "INTEGER", nullable: false),
                    closes_at = table.Column<long>(type: "INTEGER", nullable: false),
                    state = table.Column<string>(type: "TEXT", maxLength: 16, nullable: false),
                    entered_to = table.Column<Guid>(type: "TEXT", nullable: true),
                    entered = table.Column<int>(type: "INTEGER", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_calendar_entries", x => new { x.definition_id, x.activity_id, x.year });
                });

            migrationBuilder.CreateTable(
                name: "date_plans",
                columns: table => new
                {
                    definition_id = table.Column<string>(type: "TEXT", maxLength: 100, nullable: false),
                    activity_id = table.Column<string>(type: "TEXT", maxLength: 100, nullable: false),
                    contact_id = table.Column<Guid>(type: "TEXT", nullable: false),
                    on_date = table.Column<DateOnly>(type: "TEXT", nullable: false),
                    due_at = table.Column<long>(type: "INTEGER", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_date_plans", x => new { x.definition_id, x.activity_id, x.contact_id });
                });

            migrationBuilder.CreateTable(
                name: "date_triggers",
                columns: table => new
                {
                    definition_id = table.Column<string>(type: "TEXT", maxLength: 100, nullable: false),
                    activity_id = table.Column<string>(type: "TEXT", maxLength: 100, nullable: false),
                    field = table.Column<string>(type: "TEXT", maxLength: 100, nullable: false),
                    lead = table.Column<string>(type: "TEXT", maxLength: 32, nullable: false),
                    yearly = table.Column<bool>(type: "INTEGER", nullable: false),
                    planned_to = table.Column<Guid>(type: "TEXT", nullable: true),
                    is_planned = table.Column<bool>(type: "INTEGER", nullable: false),
                    planned_for = table.Column<long>(type: "INTEGER", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_date_triggers", x => new { x.definition_id, x.activity_id });
                });

            migrationBuilder.CreateTable(
                name: "flow_actions",
                columns: table => new
                {
                    id = table.Column<long>(type: "INTEGER", nullable: false)
                        .Annotation("Sqlite:Autoincrement", true),
                    definition_id = table.Column<string>(type: "TEXT", maxLength: 100, nullable: false),
                    instance_id = table.Column<Guid>(type: "TEXT", nullable: true),
                    what = table.Column<string>(type: "TEXT", maxLength: 32, nullable: false),
                    who = table.Column<string>(type: "TEXT", maxLength: 100, nullable: false),
                    at = table.Column<long>(type: "INTEGER", nullable: false),
                    detail = table.Column<string>(type: "TEXT", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_flow_actions", x => x.id);
                });

            migrationBuilder.CreateTable(
                name: "flow_controls",
                columns: table => new
                {
                    definition_id = table.Column<string>(type: "TEXT", maxLength: 100, nullable: false),
                    last_version = table.Column<int>(type: "INTEGER", nullable: false),
                    paused_at = table.Column<long>(type: "INTEGER", nullable: true),
                    paused_by = table.Column<string>(type: "TEXT", maxLength: 100, nullable: true),
                    entry_held_at = table.Column<long>(type: "INTEGER", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_flow_controls", x => x.definition_id);
                });

            migrationBuilder.CreateTable(
                name: "flow_entries",
                columns: table => new
                {
                    definition_id = table.Column<string>(type: "TEXT", maxLength: 100, nullable: false),
                    at = table.Column<long>(type: "INTEGER", nullable: false),
                    entries = table.Column<int>(type: "INTEGER", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_flow_entries", x => new { x.definition_id, x.at });
                });

            migrationBuilder.CreateTable(
                name: "flow_held",
                columns: table => new
                {
                    id = table.Column<long>(type: "INTEGER", nullable: false)
                        .Annotation("Sqlite:Autoincrement", true),
                    definition_id = table.Column<string>(type: "TEXT", maxLength: 100, nullable: false),
                    instance_id = table.Column<Guid>(type: "TEXT", nullable: true),
                    contact_id = table.Column<Guid>(type: "TEXT", nullable: false),
                    name = table.Column<string>(type: "TEXT", maxLength: 100, nullable: false),
                    key = table.Column<string>(type: "TEXT", maxLength: 300, nullable: false),
                    payload = table.Column<string>(type: "TEXT", nullable: false),
                    at = table.Column<long>(type: "INTEGER", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_flow_held", x => x.id);
                });

            migrationBuilder.CreateTable(
                name: "flow_jobs",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "TEXT", nullable: false),
                    definition_id = table.Column<string>(type: "TEXT", maxLength: 100, nullable: false),
                    kind = table.Column<string>(type: "TEXT", maxLength: 16, nullable: false),
                    payload = table.Column<string>(type: "TEXT", nullable: false),
                    who = table.Column<string>(type: "TEXT", maxLength: 100, nullable: false),
                    created_at = table.Column<long>(type: "INTEGER", nullable: false),
                    progress = table.Column<string>(type: "TEXT", maxLength: 100, nullable: false),
                    done = table.Column<int>(type: "INTEGER", nullable: false),
                    stayed = table.Column<int>(type: "INTEGER", nullable: false),
                    finished_at = table.Column<long>(type: "INTEGER", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_flow_jobs", x => x.id);
                });

            migrationBuilder.CreateTable(
                name: "flow_test_runs",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "TEXT", nullable: false),
                    definition_id = table.Column<string>(type: "TEXT", maxLength: 100, nullable: false),
                    definition_version_id = table.Column<string>(type: "TEXT", maxLength: 100, nullable: false),
                    contact_id = table.Column<Guid>(type: "TEXT", nullable: false),
                    started_by = table.Column<string>(type: "TEXT", maxLength: 100, nullable: false),
                    status = table.Column<string>(type: "TEXT", maxLength: 16, nullable: false),
                    state = table.Column<string>(type: "TEXT", nullable: false),
                    lines = table.Column<string>(type: "TEXT", nullable: false),
                    started_at = table.Column<long>(type: "INTEGER", nullable: false),
                    ended_at = table.Column<long>(type: "INTEGER", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_flow_test_runs", x => x.id);
                });

            migrationBuilder.CreateTable(
                name: "hidden_runs",
                columns: table => new
                {
                    instance_id = table.Column<Guid>(type: "TEXT", nullable: false),
                    by = table.Column<string>(type: "TEXT", maxLength: 100, nullable: false),
                    at = table.Column<long>(type: "INTEGER", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_hidden_runs", x => x.instance_id);
                });

            migrationBuilder.CreateTable(
                name: "tasks",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "TEXT", nullable: false),
                    owner = table.Column<string>(type: "TEXT", maxLength: 100, nullable: true),
                    contact_id = table.Column<Guid>(type: "TEXT", nullable: false),
                    title = table.Column<string>(type: "TEXT", maxLength: 300, nullable: false),
                    due_on = table.Column<DateOnly>(type: "TEXT", nullable: false),
                    definition_id = table.Column<string>(type: "TEXT", maxLength: 100, nullable: false),
                    created_at = table.Column<long>(type: "INTEGER", nullable: false),
                    done_at = table.Column<long>(type: "INTEGER", nullable: true),
                    done_by = table.Column<string>(type: "TEXT", maxLength: 100, nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_tasks", x => x.id);
                });

            migrationBuilder.CreateTable(
                name: "template_drafts",
                columns: table => new
                {
                    template_id = table.Column<string>(type: "TEXT", maxLength: 100, nullable: false),
                    content = table.Column<string>(type: "TEXT", nullable: false),
                    stamp = table.Column<Guid>(type: "TEXT", nullable: false),
                    based_on = table.Column<int>(type: "INTEGER", nullable: false),
                    actor = table.Column<string>(type: "TEXT", maxLength: 100, nullable: false),
                    at = table.Column<long>(type: "INTEGER", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_template_drafts", x => x.template_id);
                });

            migrationBuilder.CreateTable(
                name: "template_versions",
                columns: table => new
                {
                    template_id = table.Column<string>(type: "TEXT", maxLength: 100, nullable: false),
                    number = table.Column<int>(type: "INTEGER", nullable: false),
                    state = table.Column<string>(type: "TEXT", maxLength: 16, nullable: false),
                    content = table.Column<string>(type: "TEXT", nullable: false),
                    note = table.Column<string>(type: "TEXT", maxLength: 500, nullable: false),
                    actor = table.Column<string>(type: "TEXT", maxLength: 100, nullable: false),
                    at = table.Column<long>(type: "INTEGER", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_template_versions", x => new { x.template_id, x.number });
                });

            migrationBuilder.CreateIndex(
                name: "IX_stimuli_contact_id",
                table: "stimuli",
                column: "contact_id");

            migrationBuilder.CreateIndex(
                name: "IX_flow_bookmarks_name_key",
                table: "flow_bookmarks",
                columns: new[] { "name", "key" });

            migrationBuilder.CreateIndex(
                name: "IX_calendar_entries_state_opens_at",
                table: "calendar_entries",
                columns: new[] { "state", "opens_at" });

            migrationBuilder.CreateIndex(
                name: "IX_date_plans_due_at",
                table: "date_plans",
                column: "due_at");

            migrationBuilder.CreateIndex(
                name: "IX_flow_actions_definition_id_id",
                table: "flow_actions",
                columns: new[] { "definition_id", "id" });

            migrationBuilder.CreateIndex(
                name: "IX_flow_held_definition_id_id",
                table: "flow_held",
                columns: new[] { "definition_id", "id" });

            migrationBuilder.CreateIndex(
                name: "IX_flow_jobs_definition_id",
                table: "flow_jobs",
                column: "definition_id");

            migrationBuilder.CreateIndex(
                name: "IX_flow_jobs_finished_at_created_at",
                table: "flow_jobs",
                columns: new[] { "finished_at", "created_at" });

            migrationBuilder.CreateIndex(
                name: "IX_tasks_contact_id",
                table: "tasks",
                column: "contact_id");

            migrationBuilder.CreateIndex(
                name: "IX_tasks_done_at_due_on",
                table: "tasks",
                columns: new[] { "done_at", "due_on" });

            // What was published before drafts were known.
            migrationBuilder.Sql("UPDATE flow_definitions SET published_at = created_at, changed_at = created_at, revision = 1");
            migrationBuilder.Sql("INSERT INTO flow_controls (definition_id, last_version) SELECT definition_id, MAX(version) FROM flow_definitions GROUP BY definition_id");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "calendar_entries");

            migrationBuilder.DropTable(
                name: "date_plans");

            migrationBuilder.DropTable(
                name: "date_triggers");

            migrationBuilder.DropTable(
                name: "flow_actions");

            migrationBuilder.DropTable(
                name: "flow_controls");

            migrationBuilder.DropTable(
                name: "flow_entries");

            migrationBuilder.DropTable(
                name: "flow_held");

            migrationBuilder.DropTable(
                name: "flow_jobs");

            migrationBuilder.DropTable(
                name: "flow_test_runs");

            migrationBuilder.DropTable(
                name: "hidden_runs");

            migrationBuilder.DropTable(
                name: "tasks");

            migrationBuilder.DropTable(
                name: "template_drafts");

            migrationBuilder.DropTable(
                name: "template_versions");

            migrationBuilder.DropIndex(
                name: "IX_stimuli_contact_id",
                table: "stimuli");

            migrationBuilder.DropIndex(
                name: "IX_flow_bookmarks_name_key",
                table: "flow_bookmarks");

            migrationBuilder.DropColumn(
                name: "email",
                table: "users");

            migrationBuilder.DropColumn(
                name: "paused_at",
                table: "flow_instances");

            migrationBuilder.DropColumn(
                name: "changed_at",
                table: "flow_definitions");

            migrationBuilder.DropColumn(
                name: "changed_by",
                table: "flow_definitions");

            migrationBuilder.DropColumn(
                name: "created_by",
                table: "flow_definitions");

            migrationBuilder.DropColumn(
                name: "description",
                table: "flow_definitions");

            migrationBuilder.DropColumn(
                name: "published_at",
                table: "flow_definitions");

            migrationBuilder.DropColumn(
                name: "published_by",
                table: "flow_definitions");

            migrationBuilder.DropColumn(
                name: "revision",
                table: "flow_definitions");

            migrationBuilder.DropColumn(
                name: "held_due_at",
                table: "flow_bookmarks");

            migrationBuilder.CreateIndex(
                name: "IX_flow_bookmarks_contact_id_name_key",
                table: "flow_bookmarks",
                columns: new[] { "contact_id", "name", "key" });
        }
    }
}
