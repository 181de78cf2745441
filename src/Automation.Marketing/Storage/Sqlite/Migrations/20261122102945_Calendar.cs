using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Automation.Marketing.Storage.Sqlite.Migrations
{
    /// <inheritdoc />
    public partial class Calendar : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<long>(
                name: "approved_at",
                table: "occurrences",
                type: "INTEGER",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "approved_by",
                table: "occurrences",
                type: "TEXT",
                maxLength: 100,
                nullable: true);

            migrationBuilder.AddColumn<int>(
                name: "capacity",
                table: "occurrences",
                type: "INTEGER",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "changes",
                table: "occurrences",
                type: "TEXT",
                nullable: false,
                defaultValue: "{}");

            migrationBuilder.AddColumn<string>(
                name: "guards",
                table: "occurrences",
                type: "TEXT",
                maxLength: 100,
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "missed_because",
                table: "occurrences",
                type: "TEXT",
                maxLength: 16,
                nullable: true);

            migrationBuilder.AddColumn<bool>(
                name: "needs_approval",
                table: "occurrences",
                type: "INTEGER",
                nullable: false,
                defaultValue: false);

            migrationBuilder.AddColumn<string>(
                name: "owner",
                table: "occurrences",
                type: "TEXT",
                maxLength: 100,
                nullable: true);

            migrationBuilder.AddColumn<int>(
                name: "capacity",
                table: "broadcasts",
                type: "INTEGER",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "rule",
                table: "anchors",
                type: "TEXT",
                maxLength: 100,
                nullable: true);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropColumn(
                name: "approved_at",
                table: "occurrences");

            migrationBuilder.DropColumn(
                name: "approved_by",
                table: "occurrences");

            migrationBuilder.DropColumn(
                name: "capacity",
                table: "occurrences");

            migrationBuilder.DropColumn(
                name: "changes",
                table: "occurrences");

            migrationBuilder.DropColumn(
                name: "guards",
                table: "occurrences");

            migrationBuilder.DropColumn(
                name: "missed_because",
                table: "occurrences");

            migrationBuilder.DropColumn(
                name: "needs_approval",
                table: "occurrences");

            migrationBuilder.DropColumn(
                name: "owner",
                table: "occurrences");

            migrationBuilder.DropColumn(
                name: "capacity",
                table: "broadcasts");

            migrationBuilder.DropColumn(
                name: "rule",
                table: "anchors");
        }
    }
}
