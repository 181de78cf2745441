using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Automation.Marketing.Storage.Postgres.Migrations
{
    /// <inheritdoc />
    public partial class EventsForAll : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropIndex(
                name: "IX_flow_bookmarks_contact_id_name_key",
                table: "flow_bookmarks");

            migrationBuilder.CreateIndex(
                name: "IX_flow_bookmarks_name_key",
                table: "flow_bookmarks",
                columns: new[] { "name", "key" });
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropIndex(
                name: "IX_flow_bookmarks_name_key",
                table: "flow_bookmarks");

            migrationBuilder.CreateIndex(
                name: "IX_flow_bookmarks_contact_id_name_key",
                table: "flow_bookmarks",
                columns: new[] { "contact_id", "name", "key" });
        }
    }
}
