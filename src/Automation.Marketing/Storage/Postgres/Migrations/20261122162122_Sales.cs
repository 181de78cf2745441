using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Automation.Marketing.Storage.Postgres.Migrations
{
    /// <inheritdoc />
    public partial class Sales : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<string>(
                name: "stage",
                table: "contacts",
                type: "character varying(16)",
                maxLength: 16,
                nullable: false,
                defaultValue: "Subscriber");

            migrationBuilder.AddColumn<DateTimeOffset>(
                name: "stage_at",
                table: "contacts",
                type: "timestamp with time zone",
                nullable: true);

            migrationBuilder.CreateTable(
                name: "lifecycle_changes",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uuid", nullable: false),
                    contact_id = table.Column<Guid>(type: "uuid", nullable: false),
                    from_stage = table.Column<string>(type: "character varying(16)", maxLength: 16, nullable: false),
                    to_stage = table.Column<string>(type: "character varying(16)", maxLength: 16, nullable: false),
                    at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    actor = table.Column<string>(type: "character varying(100)", maxLength: 100, nullable: false),
                    reason = table.Column<string>(type: "character varying(200)", maxLength: 200, nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_lifecycle_changes", x => x.id);
                });

            migrationBuilder.CreateTable(
                name: "outgoing_events",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uuid", nullable: false),
                    type = table.Column<string>(type: "character varying(50)", maxLength: 50, nullable: false),
                    contact_id = table.Column<Guid>(type: "uuid", nullable: false),
                    at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    data = table.Column<string>(type: "text", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_outgoing_events", x => x.id);
                });

            migrationBuilder.CreateIndex(
                name: "IX_contacts_stage",
                table: "contacts",
                column: "stage");

            migrationBuilder.CreateIndex(
                name: "IX_lifecycle_changes_contact_id_at",
                table: "lifecycle_changes",
                columns: new[] { "contact_id", "at" });

            migrationBuilder.CreateIndex(
                name: "IX_lifecycle_changes_to_stage_at",
                table: "lifecycle_changes",
                columns: new[] { "to_stage", "at" });
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "lifecycle_changes");

            migrationBuilder.DropTable(
                name: "outgoing_events");

            migrationBuilder.DropIndex(
                name: "IX_contacts_stage",
                table: "contacts");

            migrationBuilder.DropColumn(
                name: "stage",
                table: "contacts");

            migrationBuilder.DropColumn(
                name: "stage_at",
                table: "contacts");
        }
    }
}
