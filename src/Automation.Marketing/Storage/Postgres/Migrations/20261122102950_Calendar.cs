using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Automation.Marketing.Storage.Postgres.Migrations
{
    /// <inheritdoc />
    public partial class Calendar : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<DateTimeOffset>(
                name: "approved_at",
                table: "occurrences",
                type: "timestamp with time zone",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "approved_by",
                table: "occurrences",
                type: "character varying(100)",
                maxLength: 100,
                nullable: true);

            migrationBuilder.AddColumn<int>(
                name: "capacity",
                table: "occurrences",
                type: "integer",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "changes",
                table: "occurrences",
                type: "text",
                nullable: false,
                defaultValue: "{}");

            migrationBuilder.AddColumn<string>(
                name: "guards",
                table: "occurrences",
                type: "character varying(100)",
                maxLength: 100,
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "missed_because",
                table: "occurrences",
                type: "character varying(16)",
                maxLength: 16,
                nullable: true);

            migrationBuilder.AddColumn<bool>(
                name: "needs_approval",
                table: "occurrences",
                type: "boolean",
                nullable: false,
                defaultValue: false);

            migrationBuilder.AddColumn<string>(
                name: "owner",
                table: "occurrences",
                type: "character varying(100)",
                maxLength: 100,
                nullable: true);

            migrationBuilder.AddColumn<int>(
                name: "capacity",
                table: "broadcasts",
                type: "integer",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "rule",
                table: "anchors",
                type: "character varying(100)",
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
