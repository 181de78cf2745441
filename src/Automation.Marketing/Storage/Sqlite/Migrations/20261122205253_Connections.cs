using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Automation.Marketing.Storage.Sqlite.Migrations
{
    /// <inheritdoc />
    public partial class Connections : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropIndex(
                name: "IX_deals_contact_id",
                table: "deals");

            migrationBuilder.CreateTable(
                name: "connections",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "TEXT", nullable: false),
                    user_id = table.Column<Guid>(type: "TEXT", nullable: false),
                    contact_id = table.Column<Guid>(type: "TEXT", nullable: true),
                    company = table.Column<string>(type: "TEXT", maxLength: 200, nullable: true),
                    strength = table.Column<string>(type: "TEXT", maxLength: 16, nullable: false),
                    since = table.Column<DateOnly>(type: "TEXT", nullable: true),
                    note = table.Column<string>(type: "TEXT", maxLength: 500, nullable: true),
                    actor = table.Column<string>(type: "TEXT", maxLength: 100, nullable: false),
                    at = table.Column<long>(type: "INTEGER", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_connections", x => x.id);
                });

            migrationBuilder.CreateTable(
                name: "journey_versions",
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
                    table.PrimaryKey("PK_journey_versions", x => x.version);
                });

            migrationBuilder.CreateIndex(
                name: "IX_deals_contact_id_status",
                table: "deals",
                columns: new[] { "contact_id", "status" });

            migrationBuilder.CreateIndex(
                name: "IX_connections_company",
                table: "connections",
                column: "company");

            migrationBuilder.CreateIndex(
                name: "IX_connections_contact_id",
                table: "connections",
                column: "contact_id");

            migrationBuilder.CreateIndex(
                name: "IX_connections_user_id_company",
                table: "connections",
                columns: new[] { "user_id", "company" },
                unique: true);

            migrationBuilder.CreateIndex(
                name: "IX_connections_user_id_contact_id",
                table: "connections",
                columns: new[] { "user_id", "contact_id" },
                unique: true);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "connections");

            migrationBuilder.DropTable(
                name: "journey_versions");

            migrationBuilder.DropIndex(
                name: "IX_deals_contact_id_status",
                table: "deals");

            migrationBuilder.CreateIndex(
                name: "IX_deals_contact_id",
                table: "deals",
                column: "contact_id");
        }
    }
}
