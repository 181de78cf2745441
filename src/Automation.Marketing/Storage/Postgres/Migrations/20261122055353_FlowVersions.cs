using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Automation.Marketing.Storage.Postgres.Migrations
{
    /// <inheritdoc />
    public partial class FlowVersions : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AlterColumn<string>(
                name: "name",
                table: "flow_definitions",
                type: "character varying(200)",
                maxLength: 200,
                nullable: false,
                oldClrType: typeof(string),
                oldType: "text");

            migrationBuilder.AddColumn<DateTimeOffset>(
                name: "changed_at",
                table: "flow_definitions",
                type: "timestamp with time zone",
                nullable: false,
                defaultValue: new DateTimeOffset(new DateTime(1, 1, 1, 0, 0, 0, 0, DateTimeKind.Unspecified), new TimeSpan(0, 0, 0, 0, 0)));

            migrationBuilder.AddColumn<string>(
                name: "changed_by",
                table: "flow_definitions",
                type: "character varying(100)",
                maxLength: 100,
                nullable: false,
                defaultValue: "");

            migrationBuilder.AddColumn<string>(
                name: "created_by",
                table: "flow_definitions",
                type: "character varying(100)",
                maxLength: 100,
                nullable: false,
                defaultValue: "");

            migrationBuilder.AddColumn<string>(
                name: "description",
                table: "flow_definitions",
                type: "character varying(2000)",
                maxLength: 2000,
                nullable: false,
                defaultValue: "");

            migrationBuilder.AddColumn<DateTimeOffset>(
                name: "published_at",
                table: "flow_definitions",
                type: "timestamp with time zone",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "published_by",
                table: "flow_definitions",
                type: "character varying(100)",
                maxLength: 100,
                nullable: true);

            migrationBuilder.AddColumn<int>(
                name: "revision",
                table: "flow_definitions",
                type: "integer",
                nullable: false,
                defaultValue: 0);

            migrationBuilder.CreateTable(
                name: "flow_controls",
                columns: table => new
                {
                    definition_id = table.Column<string>(type: "character varying(100)", maxLength: 100, nullable: false),
                    last_version = table.Column<int>(type: "integer", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_flow_controls", x => x.definition_id);
                });

            // Until now every version had been published at once.
            migrationBuilder.Sql("UPDATE flow_definitions SET published_at = created_at, changed_at = created_at, revision = 1");
            migrationBuilder.Sql("INSERT INTO flow_controls (definition_id, last_version) SELECT definition_id, MAX(version) FROM flow_definitions GROUP BY definition_id");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "flow_controls");

            migrationBuilder.DropColumn(
                name: "changed_at",
                table: "flow_definitions");

            migrationBuilder.DropColumn(
                name: "changed_by",
                table: "flow_definitions");

            migrationBuilder.DropColumn(
                name: "created_by",
                table: "flow_definitions");

            migrationBuilder.DropColumn(
                name: "description",
                table: "flow_definitions");

            migrationBuilder.DropColumn(
                name: "published_at",
                table: "flow_definitions");

            migrationBuilder.DropColumn(
                name: "published_by",
                table: "flow_definitions");

            migrationBuilder.DropColumn(
                name: "revision",
                table: "flow_definitions");

            migrationBuilder.AlterColumn<string>(
                name: "name",
                table: "flow_definitions",
                type: "text",
                nullable: false,
                oldClrType: typeof(string),
                oldType: "character varying(200)",
                oldMaxLength: 200);
        }
    }
}
