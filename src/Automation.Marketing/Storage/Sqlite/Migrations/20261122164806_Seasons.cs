using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Automation.Marketing.Storage.Sqlite.Migrations
{
    /// <inheritdoc />
    public partial class Seasons : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<bool>(
                name: "has_turns",
                table: "broadcasts",
                type: "INTEGER",
                nullable: false,
                defaultValue: false);

            migrationBuilder.AddColumn<int>(
                name: "held_out_of_all",
                table: "broadcasts",
                type: "INTEGER",
                nullable: false,
                defaultValue: 0);

            migrationBuilder.AddColumn<long>(
                name: "next_at",
                table: "broadcasts",
                type: "INTEGER",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "options",
                table: "broadcasts",
                type: "TEXT",
                nullable: false,
                defaultValue: "{}");

            migrationBuilder.AddColumn<Guid>(
                name: "planned_up_to",
                table: "broadcasts",
                type: "TEXT",
                nullable: true);

            migrationBuilder.AddColumn<long>(
                name: "test_ends_at",
                table: "broadcasts",
                type: "INTEGER",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "winner",
                table: "broadcasts",
                type: "TEXT",
                maxLength: 1,
                nullable: true);

            migrationBuilder.AddColumn<long>(
                name: "winner_at",
                table: "broadcasts",
                type: "INTEGER",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "winner_because",
                table: "broadcasts",
                type: "TEXT",
                maxLength: 16,
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "apart",
                table: "broadcast_recipients",
                type: "TEXT",
                maxLength: 16,
                nullable: true);

            migrationBuilder.AddColumn<long>(
                name: "turn_at",
                table: "broadcast_recipients",
                type: "INTEGER",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "version",
                table: "broadcast_recipients",
                type: "TEXT",
                maxLength: 1,
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "zone",
                table: "broadcast_recipients",
                type: "TEXT",
                maxLength: 64,
                nullable: true);

            migrationBuilder.CreateTable(
                name: "occurrence_drafts",
                columns: table => new
                {
                    key = table.Column<string>(type: "TEXT", maxLength: 100, nullable: false),
                    year = table.Column<int>(type: "INTEGER", nullable: false),
                    anchor_key = table.Column<string>(type: "TEXT", maxLength: 64, nullable: false),
                    changes = table.Column<string>(type: "TEXT", nullable: false),
                    made_by = table.Column<string>(type: "TEXT", maxLength: 100, nullable: false),
                    made_at = table.Column<long>(type: "INTEGER", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_occurrence_drafts", x => new { x.key, x.year });
                });

            migrationBuilder.CreateTable(
                name: "paper_sends",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "TEXT", nullable: false),
                    broadcast_id = table.Column<Guid>(type: "TEXT", nullable: false),
                    contact_id = table.Column<Guid>(type: "TEXT", nullable: false),
                    way = table.Column<string>(type: "TEXT", maxLength: 8, nullable: false),
                    state = table.Column<string>(type: "TEXT", maxLength: 8, nullable: false),
                    rule = table.Column<string>(type: "TEXT", maxLength: 64, nullable: false),
                    approach = table.Column<string>(type: "TEXT", maxLength: 8, nullable: false),
                    topics = table.Column<string>(type: "TEXT", maxLength: 500, nullable: false),
                    listed_at = table.Column<long>(type: "INTEGER", nullable: false),
                    slot_at = table.Column<long>(type: "INTEGER", nullable: true),
                    done_at = table.Column<long>(type: "INTEGER", nullable: true),
                    done_by = table.Column<string>(type: "TEXT", maxLength: 100, nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_paper_sends", x => x.id);
                });

            migrationBuilder.CreateTable(
                name: "weekly_mails",
                columns: table => new
                {
                    week = table.Column<DateOnly>(type: "TEXT", nullable: false),
                    user_id = table.Column<Guid>(type: "TEXT", nullable: false),
                    begun_at = table.Column<long>(type: "INTEGER", nullable: false),
                    sent_at = table.Column<long>(type: "INTEGER", nullable: true),
                    problem = table.Column<string>(type: "TEXT", maxLength: 500, nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_weekly_mails", x => new { x.week, x.user_id });
                });

            migrationBuilder.CreateIndex(
                name: "IX_broadcast_recipients_broadcast_id_turn_at",
                table: "broadcast_recipients",
                columns: new[] { "broadcast_id", "turn_at" },
                filter: "turn_at IS NOT NULL");

            migrationBuilder.CreateIndex(
                name: "IX_paper_sends_broadcast_id_contact_id",
                table: "paper_sends",
                columns: new[] { "broadcast_id", "contact_id" },
                unique: true);

            migrationBuilder.CreateIndex(
                name: "IX_paper_sends_contact_id_slot_at",
                table: "paper_sends",
                columns: new[] { "contact_id", "slot_at" });
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "occurrence_drafts");

            migrationBuilder.DropTable(
                name: "paper_sends");

            migrationBuilder.DropTable(
                name: "weekly_mails");

            migrationBuilder.DropIndex(
                name: "IX_broadcast_recipients_broadcast_id_turn_at",
                table: "broadcast_recipients");

            migrationBuilder.DropColumn(
                name: "has_turns",
                table: "broadcasts");

            migrationBuilder.DropColumn(
                name: "held_out_of_all",
                table: "broadcasts");

            migrationBuilder.DropColumn(
                name: "next_at",
                table: "broadcasts");

            migrationBuilder.DropColumn(
                name: "options",
                table: "broadcasts");

            migrationBuilder.DropColumn(
                name: "planned_up_to",
                table: "broadcasts");

            migrationBuilder.DropColumn(
                name: "test_ends_at",
                table: "broadcasts");

            migrationBuilder.DropColumn(
                name: "winner",
                table: "broadcasts");

            migrationBuilder.DropColumn(
                name: "winner_at",
                table: "broadcasts");

            migrationBuilder.DropColumn(
                name: "winner_because",
                table: "broadcasts");

            migrationBuilder.DropColumn(
                name: "apart",
                table: "broadcast_recipients");

            migrationBuilder.DropColumn(
                name: "turn_at",
                table: "broadcast_recipients");

            migrationBuilder.DropColumn(
                name: "version",
                table: "broadcast_recipients");

            migrationBuilder.DropColumn(
                name: "zone",
                table: "broadcast_recipients");
        }
    }
}
