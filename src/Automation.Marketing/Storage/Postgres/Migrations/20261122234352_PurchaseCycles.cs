using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Automation.Marketing.Storage.Postgres.Migrations
{
    /// <inheritdoc />
    public partial class PurchaseCycles : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<DateOnly>(
                name: "due_on",
                table: "purchase_cycles",
                type: "date",
                nullable: true);

            migrationBuilder.AddColumn<bool>(
                name: "is_sure",
                table: "purchase_cycles",
                type: "boolean",
                nullable: false,
                defaultValue: false);

            migrationBuilder.AddColumn<DateOnly>(
                name: "last_on",
                table: "purchase_cycles",
                type: "date",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "told",
                table: "purchase_cycles",
                type: "character varying(16)",
                maxLength: 16,
                nullable: false,
                defaultValue: "Waiting");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropColumn(
                name: "due_on",
                table: "purchase_cycles");

            migrationBuilder.DropColumn(
                name: "is_sure",
                table: "purchase_cycles");

            migrationBuilder.DropColumn(
                name: "last_on",
                table: "purchase_cycles");

            migrationBuilder.DropColumn(
                name: "told",
                table: "purchase_cycles");
        }
    }
}
