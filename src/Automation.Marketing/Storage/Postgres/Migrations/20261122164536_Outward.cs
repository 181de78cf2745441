using System;
using Microsoft.EntityFrameworkCore.Migrations;
using Npgsql.EntityFrameworkCore.PostgreSQL.Metadata;

#nullable disable

namespace Automation.Marketing.Storage.Postgres.Migrations
{
    /// <inheritdoc />
    public partial class Outward : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.CreateTable(
                name: "outgoing_deliveries",
                columns: table => new
                {
                    id = table.Column<long>(type: "bigint", nullable: false)
                        .Annotation("Npgsql:ValueGenerationStrategy", NpgsqlValueGenerationStrategy.IdentityByDefaultColumn),
                    event_id = table.Column<Guid>(type: "uuid", nullable: false),
                    endpoint_id = table.Column<Guid>(type: "uuid", nullable: false),
                    contact_id = table.Column<Guid>(type: "uuid", nullable: false),
                    type = table.Column<string>(type: "character varying(50)", maxLength: 50, nullable: false),
                    at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    state = table.Column<string>(type: "character varying(16)", maxLength: 16, nullable: false),
                    due_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    attempts = table.Column<int>(type: "integer", nullable: false),
                    failures = table.Column<int>(type: "integer", nullable: false),
                    first_failed_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    status = table.Column<int>(type: "integer", nullable: true),
                    answer = table.Column<string>(type: "character varying(1000)", maxLength: 1000, nullable: false),
                    answered_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_outgoing_deliveries", x => x.id);
                });

            migrationBuilder.CreateTable(
                name: "outgoing_endpoints",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uuid", nullable: false),
                    name = table.Column<string>(type: "character varying(60)", maxLength: 60, nullable: false),
                    url = table.Column<string>(type: "character varying(1000)", maxLength: 1000, nullable: false),
                    types = table.Column<string>(type: "character varying(1000)", maxLength: 1000, nullable: false),
                    with_address = table.Column<bool>(type: "boolean", nullable: false),
                    secret = table.Column<string>(type: "character varying(100)", maxLength: 100, nullable: false),
                    old_secret = table.Column<string>(type: "character varying(100)", maxLength: 100, nullable: true),
                    old_secret_until = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    state = table.Column<string>(type: "character varying(16)", maxLength: 16, nullable: false),
                    paused_by = table.Column<string>(type: "character varying(100)", maxLength: 100, nullable: false),
                    paused_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    failing_since = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    failures = table.Column<int>(type: "integer", nullable: false),
                    retry_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    last_problem = table.Column<string>(type: "character varying(300)", maxLength: 300, nullable: false),
                    created_by = table.Column<string>(type: "character varying(100)", maxLength: 100, nullable: false),
                    created_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_outgoing_endpoints", x => x.id);
                });

            migrationBuilder.CreateIndex(
                name: "IX_outgoing_events_at",
                table: "outgoing_events",
                column: "at");

            migrationBuilder.CreateIndex(
                name: "IX_lifecycle_changes_at_id",
                table: "lifecycle_changes",
                columns: new[] { "at", "id" });

            migrationBuilder.CreateIndex(
                name: "IX_deals_updated_at_id",
                table: "deals",
                columns: new[] { "updated_at", "id" });

            migrationBuilder.CreateIndex(
                name: "IX_contacts_updated_at_id",
                table: "contacts",
                columns: new[] { "updated_at", "id" });

            migrationBuilder.CreateIndex(
                name: "IX_outgoing_deliveries_endpoint_id_contact_id_id",
                table: "outgoing_deliveries",
                columns: new[] { "endpoint_id", "contact_id", "id" },
                filter: "state = 'Waiting'");

            migrationBuilder.CreateIndex(
                name: "IX_outgoing_deliveries_endpoint_id_due_at",
                table: "outgoing_deliveries",
                columns: new[] { "endpoint_id", "due_at" },
                filter: "state = 'Waiting'");

            migrationBuilder.CreateIndex(
                name: "IX_outgoing_deliveries_endpoint_id_state_at",
                table: "outgoing_deliveries",
                columns: new[] { "endpoint_id", "state", "at" });

            migrationBuilder.CreateIndex(
                name: "IX_outgoing_deliveries_event_id",
                table: "outgoing_deliveries",
                column: "event_id");

            migrationBuilder.CreateIndex(
                name: "IX_outgoing_endpoints_name",
                table: "outgoing_endpoints",
                column: "name",
                unique: true);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "outgoing_deliveries");

            migrationBuilder.DropTable(
                name: "outgoing_endpoints");

            migrationBuilder.DropIndex(
                name: "IX_outgoing_events_at",
                table: "outgoing_events");

            migrationBuilder.DropIndex(
                name: "IX_lifecycle_changes_at_id",
                table: "lifecycle_changes");

            migrationBuilder.DropIndex(
                name: "IX_deals_updated_at_id",
                table: "deals");

            migrationBuilder.DropIndex(
                name: "IX_contacts_updated_at_id",
                table: "contacts");
        }
    }
}
