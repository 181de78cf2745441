using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Automation.Marketing.Storage.Sqlite.Migrations
{
    /// <inheritdoc />
    public partial class Leads : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<long>(
                name: "escalated_at",
                table: "tasks",
                type: "INTEGER",
                nullable: true);

            migrationBuilder.AddColumn<long>(
                name: "mail_due_at",
                table: "notices",
                type: "INTEGER",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "mail_subject",
                table: "notices",
                type: "TEXT",
                maxLength: 300,
                nullable: false,
                defaultValue: "");

            migrationBuilder.AddColumn<string>(
                name: "mail_text",
                table: "notices",
                type: "TEXT",
                nullable: false,
                defaultValue: "");

            migrationBuilder.AddColumn<string>(
                name: "mail_to",
                table: "notices",
                type: "TEXT",
                maxLength: 254,
                nullable: true);

            migrationBuilder.AddColumn<int>(
                name: "mail_tries",
                table: "notices",
                type: "INTEGER",
                nullable: false,
                defaultValue: 0);

            migrationBuilder.AddColumn<long>(
                name: "mailed_at",
                table: "notices",
                type: "INTEGER",
                nullable: true);

            migrationBuilder.AddColumn<long>(
                name: "seasonal_allowed_at",
                table: "contacts",
                type: "INTEGER",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "seasonal_allowed_by",
                table: "contacts",
                type: "TEXT",
                maxLength: 100,
                nullable: true);

            migrationBuilder.CreateTable(
                name: "contact_scores",
                columns: table => new
                {
                    contact_id = table.Column<Guid>(type: "TEXT", nullable: false),
                    as_of = table.Column<long>(type: "INTEGER", nullable: false),
                    sums = table.Column<string>(type: "TEXT", nullable: false),
                    fit = table.Column<int>(type: "INTEGER", nullable: false),
                    hot_since = table.Column<long>(type: "INTEGER", nullable: true),
                    cools_at = table.Column<long>(type: "INTEGER", nullable: true),
                    alerted_at = table.Column<long>(type: "INTEGER", nullable: true),
                    why = table.Column<string>(type: "TEXT", maxLength: 40, nullable: false),
                    signals = table.Column<string>(type: "TEXT", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_contact_scores", x => x.contact_id);
                });

            migrationBuilder.CreateTable(
                name: "hand_offs",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "TEXT", nullable: false),
                    contact_id = table.Column<Guid>(type: "TEXT", nullable: false),
                    deal_id = table.Column<Guid>(type: "TEXT", nullable: false),
                    at = table.Column<long>(type: "INTEGER", nullable: false),
                    owner = table.Column<string>(type: "TEXT", maxLength: 100, nullable: true),
                    assigned_to = table.Column<string>(type: "TEXT", maxLength: 100, nullable: true),
                    details = table.Column<string>(type: "TEXT", nullable: false),
                    state = table.Column<string>(type: "TEXT", maxLength: 16, nullable: false),
                    due_at = table.Column<long>(type: "INTEGER", nullable: true),
                    escalations = table.Column<int>(type: "INTEGER", nullable: false),
                    answered_at = table.Column<long>(type: "INTEGER", nullable: true),
                    answered_by = table.Column<string>(type: "TEXT", maxLength: 100, nullable: true),
                    rejection = table.Column<string>(type: "TEXT", maxLength: 16, nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_hand_offs", x => x.id);
                });

            migrationBuilder.CreateTable(
                name: "score_checks",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "TEXT", nullable: false),
                    contact_id = table.Column<Guid>(type: "TEXT", nullable: false),
                    due_at = table.Column<long>(type: "INTEGER", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_score_checks", x => x.id);
                });

            migrationBuilder.CreateTable(
                name: "score_resets",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "TEXT", nullable: false),
                    contact_id = table.Column<Guid>(type: "TEXT", nullable: false),
                    at = table.Column<long>(type: "INTEGER", nullable: false),
                    factor = table.Column<double>(type: "REAL", nullable: false),
                    hot_since = table.Column<long>(type: "INTEGER", nullable: true),
                    undone_at = table.Column<long>(type: "INTEGER", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_score_resets", x => x.id);
                });

            migrationBuilder.CreateTable(
                name: "scoring_versions",
                columns: table => new
                {
                    version = table.Column<int>(type: "INTEGER", nullable: false),
                    document = table.Column<string>(type: "TEXT", nullable: false),
                    actor = table.Column<string>(type: "TEXT", maxLength: 100, nullable: false),
                    comment = table.Column<string>(type: "TEXT", maxLength: 500, nullable: false),
                    at = table.Column<long>(type: "INTEGER", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_scoring_versions", x => x.version);
                });

            migrationBuilder.CreateIndex(
                name: "IX_notices_mail_due_at",
                table: "notices",
                column: "mail_due_at");

            migrationBuilder.CreateIndex(
                name: "IX_contact_scores_cools_at",
                table: "contact_scores",
                column: "cools_at");

            migrationBuilder.CreateIndex(
                name: "IX_hand_offs_assigned_to_at",
                table: "hand_offs",
                columns: new[] { "assigned_to", "at" });

            migrationBuilder.CreateIndex(
                name: "IX_hand_offs_contact_id_state",
                table: "hand_offs",
                columns: new[] { "contact_id", "state" });

            migrationBuilder.CreateIndex(
                name: "IX_hand_offs_due_at",
                table: "hand_offs",
                column: "due_at");

            migrationBuilder.CreateIndex(
                name: "IX_hand_offs_state_at",
                table: "hand_offs",
                columns: new[] { "state", "at" });

            migrationBuilder.CreateIndex(
                name: "IX_score_checks_due_at",
                table: "score_checks",
                column: "due_at");

            migrationBuilder.CreateIndex(
                name: "IX_score_resets_contact_id_at",
                table: "score_resets",
                columns: new[] { "contact_id", "at" });
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "contact_scores");

            migrationBuilder.DropTable(
                name: "hand_offs");

            migrationBuilder.DropTable(
                name: "score_checks");

            migrationBuilder.DropTable(
                name: "score_resets");

            migrationBuilder.DropTable(
                name: "scoring_versions");

            migrationBuilder.DropIndex(
                name: "IX_notices_mail_due_at",
                table: "notices");

            migrationBuilder.DropColumn(
                name: "escalated_at",
                table: "tasks");

            migrationBuilder.DropColumn(
                name: "mail_due_at",
                table: "notices");

            migrationBuilder.DropColumn(
                name: "mail_subject",
                table: "notices");

            migrationBuilder.DropColumn(
                name: "mail_text",
                table: "notices");

            migrationBuilder.DropColumn(
                name: "mail_to",
                table: "notices");

            migrationBuilder.DropColumn(
                name: "mail_tries",
                table: "notices");

            migrationBuilder.DropColumn(
                name: "mailed_at",
                table: "notices");

            migrationBuilder.DropColumn(
                name: "seasonal_allowed_at",
                table: "contacts");

            migrationBuilder.DropColumn(
                name: "seasonal_allowed_by",
                table: "contacts");
        }
    }
}
