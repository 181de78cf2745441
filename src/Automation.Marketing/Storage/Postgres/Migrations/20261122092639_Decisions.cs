using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Automation.Marketing.Storage.Postgres.Migrations
{
    /// <inheritdoc />
    public partial class Decisions : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropIndex(
                name: "IX_outbox_messages_contact_id_slot_at",
                table: "outbox_messages");

            migrationBuilder.AddColumn<DateTimeOffset>(
                name: "complaint_closed_at",
                table: "contacts",
                type: "timestamp with time zone",
                nullable: true);

            migrationBuilder.AddColumn<DateTimeOffset>(
                name: "complaint_opened_at",
                table: "contacts",
                type: "timestamp with time zone",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "country",
                table: "contacts",
                type: "character varying(2)",
                maxLength: 2,
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "user_agent",
                table: "consent_entries",
                type: "character varying(300)",
                maxLength: 300,
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "wording",
                table: "consent_entries",
                type: "character varying(64)",
                maxLength: 64,
                nullable: true);

            migrationBuilder.CreateTable(
                name: "attempts_in_flight",
                columns: table => new
                {
                    message_id = table.Column<Guid>(type: "uuid", nullable: false),
                    contact_id = table.Column<Guid>(type: "uuid", nullable: false),
                    at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_attempts_in_flight", x => new { x.contact_id, x.message_id, x.at });
                });

            migrationBuilder.CreateTable(
                name: "audit_entries",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uuid", nullable: false),
                    at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    actor = table.Column<string>(type: "character varying(100)", maxLength: 100, nullable: false),
                    action = table.Column<string>(type: "character varying(64)", maxLength: 64, nullable: false),
                    subject = table.Column<string>(type: "character varying(300)", maxLength: 300, nullable: false),
                    reason = table.Column<string>(type: "character varying(500)", maxLength: 500, nullable: true),
                    before = table.Column<string>(type: "text", nullable: true),
                    after = table.Column<string>(type: "text", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_audit_entries", x => x.id);
                });

            migrationBuilder.CreateTable(
                name: "cap_exemptions",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uuid", nullable: false),
                    origin_id = table.Column<string>(type: "character varying(100)", maxLength: 100, nullable: false),
                    requested_by = table.Column<string>(type: "character varying(100)", maxLength: 100, nullable: false),
                    approved_by = table.Column<string>(type: "character varying(100)", maxLength: 100, nullable: false),
                    reason = table.Column<string>(type: "character varying(500)", maxLength: 500, nullable: false),
                    at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    revoked_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_cap_exemptions", x => x.id);
                });

            migrationBuilder.CreateTable(
                name: "category_cycles",
                columns: table => new
                {
                    category = table.Column<string>(type: "character varying(200)", maxLength: 200, nullable: false),
                    days = table.Column<int>(type: "integer", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_category_cycles", x => x.category);
                });

            migrationBuilder.CreateTable(
                name: "company_marks",
                columns: table => new
                {
                    company = table.Column<string>(type: "character varying(200)", maxLength: 200, nullable: false),
                    suppressed = table.Column<bool>(type: "boolean", nullable: false),
                    fixed_partner = table.Column<bool>(type: "boolean", nullable: false),
                    reason = table.Column<string>(type: "character varying(500)", maxLength: 500, nullable: false),
                    actor = table.Column<string>(type: "character varying(100)", maxLength: 100, nullable: false),
                    at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_company_marks", x => x.company);
                });

            migrationBuilder.CreateTable(
                name: "mail_preferences",
                columns: table => new
                {
                    contact_id = table.Column<Guid>(type: "uuid", nullable: false),
                    frequency = table.Column<string>(type: "character varying(16)", maxLength: 16, nullable: false),
                    paused_until = table.Column<DateOnly>(type: "date", nullable: true),
                    updated_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_mail_preferences", x => x.contact_id);
                });

            migrationBuilder.CreateTable(
                name: "policy_versions",
                columns: table => new
                {
                    version = table.Column<int>(type: "integer", nullable: false),
                    document = table.Column<string>(type: "text", nullable: false),
                    actor = table.Column<string>(type: "character varying(100)", maxLength: 100, nullable: false),
                    comment = table.Column<string>(type: "character varying(500)", maxLength: 500, nullable: false),
                    at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_policy_versions", x => x.version);
                });

            migrationBuilder.CreateTable(
                name: "purchase_cycles",
                columns: table => new
                {
                    contact_id = table.Column<Guid>(type: "uuid", nullable: false),
                    category = table.Column<string>(type: "character varying(200)", maxLength: 200, nullable: false),
                    days = table.Column<int>(type: "integer", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_purchase_cycles", x => new { x.contact_id, x.category });
                });

            migrationBuilder.CreateTable(
                name: "slot_holds",
                columns: table => new
                {
                    contact_id = table.Column<Guid>(type: "uuid", nullable: false),
                    source_id = table.Column<Guid>(type: "uuid", nullable: false),
                    at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    approach = table.Column<string>(type: "character varying(8)", maxLength: 8, nullable: false),
                    topics = table.Column<string>(type: "character varying(500)", maxLength: 500, nullable: false),
                    priority = table.Column<int>(type: "integer", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_slot_holds", x => new { x.contact_id, x.source_id });
                });

            migrationBuilder.CreateIndex(
                name: "IX_outbox_messages_contact_id",
                table: "outbox_messages",
                column: "contact_id",
                filter: "state IN ('Deferred', 'Queued', 'Sending')");

            migrationBuilder.CreateIndex(
                name: "IX_outbox_messages_contact_id_approach_slot_at_topics",
                table: "outbox_messages",
                columns: new[] { "contact_id", "approach", "slot_at", "topics" },
                filter: "slot IN ('Reserved', 'Spent')");

            migrationBuilder.CreateIndex(
                name: "IX_outbox_messages_contact_id_requested_at",
                table: "outbox_messages",
                columns: new[] { "contact_id", "requested_at" });

            migrationBuilder.CreateIndex(
                name: "IX_contacts_company",
                table: "contacts",
                column: "company");

            migrationBuilder.CreateIndex(
                name: "IX_attempts_in_flight_at",
                table: "attempts_in_flight",
                column: "at");

            migrationBuilder.CreateIndex(
                name: "IX_audit_entries_action_id",
                table: "audit_entries",
                columns: new[] { "action", "id" });

            migrationBuilder.CreateIndex(
                name: "IX_cap_exemptions_origin_id",
                table: "cap_exemptions",
                column: "origin_id");

            migrationBuilder.CreateIndex(
                name: "IX_slot_holds_source_id",
                table: "slot_holds",
                column: "source_id");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "attempts_in_flight");

            migrationBuilder.DropTable(
                name: "audit_entries");

            migrationBuilder.DropTable(
                name: "cap_exemptions");

            migrationBuilder.DropTable(
                name: "category_cycles");

            migrationBuilder.DropTable(
                name: "company_marks");

            migrationBuilder.DropTable(
                name: "mail_preferences");

            migrationBuilder.DropTable(
                name: "policy_versions");

            migrationBuilder.DropTable(
                name: "purchase_cycles");

            migrationBuilder.DropTable(
                name: "slot_holds");

            migrationBuilder.DropIndex(
                name: "IX_outbox_messages_contact_id",
                table: "outbox_messages");

            migrationBuilder.DropIndex(
                name: "IX_outbox_messages_contact_id_approach_slot_at_topics",
                table: "outbox_messages");

            migrationBuilder.DropIndex(
                name: "IX_outbox_messages_contact_id_requested_at",
                table: "outbox_messages");

            migrationBuilder.DropIndex(
                name: "IX_contacts_company",
                table: "contacts");

            migrationBuilder.DropColumn(
                name: "complaint_closed_at",
                table: "contacts");

            migrationBuilder.DropColumn(
                name: "complaint_opened_at",
                table: "contacts");

            migrationBuilder.DropColumn(
                name: "country",
                table: "contacts");

            migrationBuilder.DropColumn(
                name: "user_agent",
                table: "consent_entries");

            migrationBuilder.DropColumn(
                name: "wording",
                table: "consent_entries");

            migrationBuilder.CreateIndex(
                name: "IX_outbox_messages_contact_id_slot_at",
                table: "outbox_messages",
                columns: new[] { "contact_id", "slot_at" });
        }
    }
}
