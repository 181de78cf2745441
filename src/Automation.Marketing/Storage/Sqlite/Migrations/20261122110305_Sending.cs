using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Automation.Marketing.Storage.Sqlite.Migrations
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
                type: "INTEGER",
                nullable: false,
                defaultValue: 0);

            migrationBuilder.AddColumn<DateOnly>(
                name: "booked_on",
                table: "outbox_messages",
                type: "TEXT",
                nullable: true);

            migrationBuilder.AddColumn<long>(
                name: "paced_for",
                table: "outbox_messages",
                type: "INTEGER",
                nullable: true);

            migrationBuilder.AddColumn<Guid>(
                name: "decided_up_to",
                table: "broadcasts",
                type: "TEXT",
                nullable: true);

            migrationBuilder.CreateTable(
                name: "sending_days",
                columns: table => new
                {
                    domain = table.Column<string>(type: "TEXT", maxLength: 253, nullable: false),
                    day = table.Column<DateOnly>(type: "TEXT", nullable: false),
                    booked = table.Column<int>(type: "INTEGER", nullable: false),
                    delivered = table.Column<int>(type: "INTEGER", nullable: false),
                    hard_bounces = table.Column<int>(type: "INTEGER", nullable: false),
                    complaints = table.Column<int>(type: "INTEGER", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_sending_days", x => new { x.domain, x.day });
                });

            migrationBuilder.CreateTable(
                name: "sending_holds",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "TEXT", nullable: false),
                    scope = table.Column<string>(type: "TEXT", maxLength: 16, nullable: false),
                    key = table.Column<string>(type: "TEXT", maxLength: 100, nullable: false),
                    reason = table.Column<string>(type: "TEXT", maxLength: 16, nullable: false),
                    detail = table.Column<string>(type: "TEXT", maxLength: 500, nullable: false),
                    since = table.Column<long>(type: "INTEGER", nullable: false),
                    until = table.Column<long>(type: "INTEGER", nullable: true),
                    held_by = table.Column<string>(type: "TEXT", nullable: false),
                    released_at = table.Column<long>(type: "INTEGER", nullable: true),
                    released_by = table.Column<string>(type: "TEXT", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_sending_holds", x => x.id);
                });

            migrationBuilder.CreateTable(
                name: "sending_rates",
                columns: table => new
                {
                    key = table.Column<string>(type: "TEXT", maxLength: 258, nullable: false),
                    next_at = table.Column<long>(type: "INTEGER", nullable: false)
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
                type: "INTEGER",
                nullable: false,
                defaultValue: false);

            migrationBuilder.CreateIndex(
                name: "IX_broadcast_recipients_broadcast_id_decided_contact_id",
                table: "broadcast_recipients",
                columns: new[] { "broadcast_id", "decided", "contact_id" });
        }
    }
}
