using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Automation.Marketing.Storage.Sqlite.Migrations
{
    /// <inheritdoc />
    public partial class Deals : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<long>(
                name: "closed_at",
                table: "deals",
                type: "INTEGER",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "lost_reason",
                table: "deals",
                type: "TEXT",
                maxLength: 16,
                nullable: true);

            migrationBuilder.AddColumn<DateOnly>(
                name: "propose_not_before",
                table: "deals",
                type: "TEXT",
                nullable: true);

            migrationBuilder.CreateTable(
                name: "complaints",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "TEXT", nullable: false),
                    contact_id = table.Column<Guid>(type: "TEXT", nullable: false),
                    text = table.Column<string>(type: "TEXT", maxLength: 2000, nullable: false),
                    company = table.Column<string>(type: "TEXT", maxLength: 200, nullable: true),
                    opened_by = table.Column<string>(type: "TEXT", maxLength: 100, nullable: false),
                    opened_at = table.Column<long>(type: "INTEGER", nullable: false),
                    handling = table.Column<string>(type: "TEXT", maxLength: 2000, nullable: true),
                    closed_by = table.Column<string>(type: "TEXT", maxLength: 100, nullable: true),
                    closed_at = table.Column<long>(type: "INTEGER", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_complaints", x => x.id);
                });

            migrationBuilder.CreateTable(
                name: "deal_files",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "TEXT", nullable: false),
                    deal_id = table.Column<Guid>(type: "TEXT", nullable: false),
                    name = table.Column<string>(type: "TEXT", maxLength: 120, nullable: false),
                    content_type = table.Column<string>(type: "TEXT", maxLength: 60, nullable: false),
                    about = table.Column<string>(type: "TEXT", maxLength: 500, nullable: true),
                    size_bytes = table.Column<int>(type: "INTEGER", nullable: false),
                    content = table.Column<byte[]>(type: "BLOB", nullable: false),
                    actor = table.Column<string>(type: "TEXT", maxLength: 100, nullable: false),
                    at = table.Column<long>(type: "INTEGER", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_deal_files", x => x.id);
                });

            migrationBuilder.CreateTable(
                name: "interactions",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "TEXT", nullable: false),
                    deal_id = table.Column<Guid>(type: "TEXT", nullable: false),
                    contact_id = table.Column<Guid>(type: "TEXT", nullable: false),
                    kind = table.Column<string>(type: "TEXT", maxLength: 16, nullable: false),
                    status = table.Column<string>(type: "TEXT", maxLength: 16, nullable: false),
                    proposal = table.Column<string>(type: "TEXT", maxLength: 1000, nullable: true),
                    aim = table.Column<string>(type: "TEXT", maxLength: 1000, nullable: true),
                    reaction = table.Column<string>(type: "TEXT", maxLength: 1000, nullable: true),
                    next_action = table.Column<string>(type: "TEXT", maxLength: 1000, nullable: true),
                    next_action_on = table.Column<DateOnly>(type: "TEXT", nullable: true),
                    actor = table.Column<string>(type: "TEXT", maxLength: 100, nullable: false),
                    at = table.Column<long>(type: "INTEGER", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_interactions", x => x.id);
                });

            migrationBuilder.CreateIndex(
                name: "IX_deals_closed_at",
                table: "deals",
                column: "closed_at");

            migrationBuilder.CreateIndex(
                name: "IX_deals_status_updated_at",
                table: "deals",
                columns: new[] { "status", "updated_at" });

            migrationBuilder.CreateIndex(
                name: "IX_complaints_company_closed_at",
                table: "complaints",
                columns: new[] { "company", "closed_at" });

            migrationBuilder.CreateIndex(
                name: "IX_complaints_contact_id_opened_at",
                table: "complaints",
                columns: new[] { "contact_id", "opened_at" });

            migrationBuilder.CreateIndex(
                name: "IX_complaints_opened_at",
                table: "complaints",
                column: "opened_at");

            migrationBuilder.CreateIndex(
                name: "IX_deal_files_at",
                table: "deal_files",
                column: "at");

            migrationBuilder.CreateIndex(
                name: "IX_deal_files_deal_id_at",
                table: "deal_files",
                columns: new[] { "deal_id", "at" });

            migrationBuilder.CreateIndex(
                name: "IX_interactions_contact_id",
                table: "interactions",
                column: "contact_id");

            migrationBuilder.CreateIndex(
                name: "IX_interactions_deal_id_at",
                table: "interactions",
                columns: new[] { "deal_id", "at" });

            migrationBuilder.CreateIndex(
                name: "IX_interactions_kind_status",
                table: "interactions",
                columns: new[] { "kind", "status" });
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "complaints");

            migrationBuilder.DropTable(
                name: "deal_files");

            migrationBuilder.DropTable(
                name: "interactions");

            migrationBuilder.DropIndex(
                name: "IX_deals_closed_at",
                table: "deals");

            migrationBuilder.DropIndex(
                name: "IX_deals_status_updated_at",
                table: "deals");

            migrationBuilder.DropColumn(
                name: "closed_at",
                table: "deals");

            migrationBuilder.DropColumn(
                name: "lost_reason",
                table: "deals");

            migrationBuilder.DropColumn(
                name: "propose_not_before",
                table: "deals");
        }
    }
}
