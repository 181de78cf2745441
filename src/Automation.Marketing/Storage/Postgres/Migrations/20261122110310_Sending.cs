using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Automation.Marketing.Storage.Postgres.Migrations
{
    /// <inheritdoc />
    public partial class Sending : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropIndex(
                name: "IX_broadcast_recipients_broadcast_id_decided_contact_id",
                table: "broadcast_recipients");

            migrationBuilder.DropColumn(
                name: "decided",
                table: "broadcast_recipients");

            migrationBuilder.AddColumn<int>(
                name: "failures",
                table: "webhook_batches",
                type: "integer",
                nullable: false,
                defaultValue: 0);

            migrationBuilder.AddColumn<DateOnly>(
                name: "booked_on",
                table: "outbox_messages",
                type: "date",
                nullable: true);

            migrationBuilder.AddColumn<DateTimeOffset>(
                name: "paced_for",
                table: "outbox_messages",
                type: "timestamp with time zone",
                nullable: true);

            migrationBuilder.AddColumn<Guid>(
                name: "decided_up_to",
                table: "broadcasts",
                type: "uuid",
                nullable: true);

            migrationBuilder.CreateTable(
                name: "sending_days",
                columns: table => new
                {
                    domain = table.Column<string>(type: "character varying(253)", maxLength: 253, nullable: false),
                    day = table.Column<DateOnly>(type: "date", nullable: false),
                    booked = table.Column<int>(type: "integer", nullable: false),
                    delivered = table.Column<int>(type: "integer", nullable: false),
                    hard_bounces = table.Column<int>(type: "integer", nullable: false),
                    complaints = table.Column<int>(type: "integer", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_sending_days", x => new { x.domain, x.day });
                });

            migrationBuilder.CreateTable(
                name: "sending_holds",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uuid", nullable: false),
                    scope = table.Column<string>(type: "character varying(16)", maxLength: 16, nullable: false),
                    key = table.Column<string>(type: "character varying(100)", maxLength: 100, nullable: false),
                    reason = table.Column<string>(type: "character varying(16)", maxLength: 16, nullable: false),
                    detail = table.Column<string>(type: "character varying(500)", maxLength: 500, nullable: false),
                    since = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    until = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    held_by = table.Column<string>(type: "text", nullable: false),
                    released_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    released_by = table.Column<string>(type: "text", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_sending_holds", x => x.id);
                });

            migrationBuilder.CreateTable(
                name: "sending_rates",
                columns: table => new
                {
                    key = table.Column<string>(type: "character varying(258)", maxLength: 258, nullable: false),
                    next_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_sending_rates", x => x.key);
                });

            migrationBuilder.CreateIndex(
                name: "IX_sending_holds_released_at",
                table: "sending_holds",
                column: "released_at");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "sending_days");

            migrationBuilder.DropTable(
                name: "sending_holds");

            migrationBuilder.DropTable(
                name: "sending_rates");

            migrationBuilder.DropColumn(
                name: "failures",
                table: "webhook_batches");

            migrationBuilder.DropColumn(
                name: "booked_on",
                table: "outbox_messages");

            migrationBuilder.DropColumn(
                name: "paced_for",
                table: "outbox_messages");

            migrationBuilder.DropColumn(
                name: "decided_up_to",
                table: "broadcasts");

            migrationBuilder.AddColumn<bool>(
                name: "decided",
                table: "broadcast_recipients",
                type: "boolean",
                nullable: false,
                defaultValue: false);

            migrationBuilder.CreateIndex(
                name: "IX_broadcast_recipients_broadcast_id_decided_contact_id",
                table: "broadcast_recipients",
                columns: new[] { "broadcast_id", "decided", "contact_id" });
        }
    }
}
