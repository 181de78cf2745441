using System;
using Microsoft.EntityFrameworkCore.Migrations;
using Npgsql.EntityFrameworkCore.PostgreSQL.Metadata;

#nullable disable

namespace Automation.Marketing.Storage.Postgres.Migrations
{
    /// <inheritdoc />
    public partial class Sales : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<string>(
                name: "provider_subject",
                table: "users",
                type: "character varying(600)",
                maxLength: 600,
                nullable: true);

            migrationBuilder.AddColumn<DateTimeOffset>(
                name: "escalated_at",
                table: "tasks",
                type: "timestamp with time zone",
                nullable: true);

            migrationBuilder.AddColumn<DateTimeOffset>(
                name: "mail_due_at",
                table: "notices",
                type: "timestamp with time zone",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "mail_subject",
                table: "notices",
                type: "character varying(300)",
                maxLength: 300,
                nullable: false,
                defaultValue: "");

            migrationBuilder.AddColumn<string>(
                name: "mail_text",
                table: "notices",
                type: "text",
                nullable: false,
                defaultValue: "");

            migrationBuilder.AddColumn<string>(
                name: "mail_to",
                table: "notices",
                type: "character varying(254)",
                maxLength: 254,
                nullable: true);

            migrationBuilder.AddColumn<int>(
                name: "mail_tries",
                table: "notices",
                type: "integer",
                nullable: false,
                defaultValue: 0);

            migrationBuilder.AddColumn<DateTimeOffset>(
                name: "mailed_at",
                table: "notices",
                type: "timestamp with time zone",
                nullable: true);

            migrationBuilder.AddColumn<DateTimeOffset>(
                name: "closed_at",
                table: "deals",
                type: "timestamp with time zone",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "lost_reason",
                table: "deals",
                type: "character varying(16)",
                maxLength: 16,
                nullable: true);

            migrationBuilder.AddColumn<DateOnly>(
                name: "propose_not_before",
                table: "deals",
                type: "date",
                nullable: true);

            migrationBuilder.AddColumn<DateTimeOffset>(
                name: "seasonal_allowed_at",
                table: "contacts",
                type: "timestamp with time zone",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "seasonal_allowed_by",
                table: "contacts",
                type: "character varying(100)",
                maxLength: 100,
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "stage",
                table: "contacts",
                type: "character varying(16)",
                maxLength: 16,
                nullable: false,
                defaultValue: "Subscriber");

            migrationBuilder.AddColumn<DateTimeOffset>(
                name: "stage_at",
                table: "contacts",
                type: "timestamp with time zone",
                nullable: true);

            migrationBuilder.AddColumn<bool>(
                name: "has_turns",
                table: "broadcasts",
                type: "boolean",
                nullable: false,
                defaultValue: false);

            migrationBuilder.AddColumn<int>(
                name: "held_out_of_all",
                table: "broadcasts",
                type: "integer",
                nullable: false,
                defaultValue: 0);

            migrationBuilder.AddColumn<DateTimeOffset>(
                name: "next_at",
                table: "broadcasts",
                type: "timestamp with time zone",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "options",
                table: "broadcasts",
                type: "text",
                nullable: false,
                defaultValue: "{}");

            migrationBuilder.AddColumn<Guid>(
                name: "planned_up_to",
                table: "broadcasts",
                type: "uuid",
                nullable: true);

            migrationBuilder.AddColumn<DateTimeOffset>(
                name: "test_ends_at",
                table: "broadcasts",
                type: "timestamp with time zone",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "winner",
                table: "broadcasts",
                type: "character varying(1)",
                maxLength: 1,
                nullable: true);

            migrationBuilder.AddColumn<DateTimeOffset>(
                name: "winner_at",
                table: "broadcasts",
                type: "timestamp with time zone",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "winner_because",
                table: "broadcasts",
                type: "character varying(16)",
                maxLength: 16,
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "apart",
                table: "broadcast_recipients",
                type: "character varying(16)",
                maxLength: 16,
                nullable: true);

            migrationBuilder.AddColumn<DateTimeOffset>(
                name: "turn_at",
                table: "broadcast_recipients",
                type: "timestamp with time zone",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "version",
                table: "broadcast_recipients",
                type: "character varying(1)",
                maxLength: 1,
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "zone",
                table: "broadcast_recipients",
                type: "character varying(64)",
                maxLength: 64,
                nullable: true);

            migrationBuilder.CreateTable(
                name: "complaints",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uuid", nullable: false),
                    contact_id = table.Column<Guid>(type: "uuid", nullable: false),
                    text = table.Column<string>(type: "character varying(2000)", maxLength: 2000, nullable: false),
                    company = table.Column<string>(type: "character varying(200)", maxLength: 200, nullable: true),
                    opened_by = table.Column<string>(type: "character varying(100)", maxLength: 100, nullable: false),
                    opened_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    handling = table.Column<string>(type: "character varying(2000)", maxLength: 2000, nullable: true),
                    closed_by = table.Column<string>(type: "character varying(100)", maxLength: 100, nullable: true),
                    closed_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_complaints", x => x.id);
                });

            migrationBuilder.CreateTable(
                name: "contact_scores",
                columns: table => new
                {
                    contact_id = table.Column<Guid>(type: "uuid", nullable: false),
                    as_of = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    sums = table.Column<string>(type: "text", nullable: false),
                    fit = table.Column<int>(type: "integer", nullable: false),
                    hot_since = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    cools_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    alerted_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    why = table.Column<string>(type: "character varying(40)", maxLength: 40, nullable: false),
                    signals = table.Column<string>(type: "text", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_contact_scores", x => x.contact_id);
                });

            migrationBuilder.CreateTable(
                name: "deal_files",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uuid", nullable: false),
                    deal_id = table.Column<Guid>(type: "uuid", nullable: false),
                    name = table.Column<string>(type: "character varying(120)", maxLength: 120, nullable: false),
                    content_type = table.Column<string>(type: "character varying(60)", maxLength: 60, nullable: false),
                    about = table.Column<string>(type: "character varying(500)", maxLength: 500, nullable: true),
                    size_bytes = table.Column<int>(type: "integer", nullable: false),
                    content = table.Column<byte[]>(type: "bytea", nullable: false),
                    actor = table.Column<string>(type: "character varying(100)", maxLength: 100, nullable: false),
                    at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_deal_files", x => x.id);
                });

            migrationBuilder.CreateTable(
                name: "hand_offs",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uuid", nullable: false),
                    contact_id = table.Column<Guid>(type: "uuid", nullable: false),
                    deal_id = table.Column<Guid>(type: "uuid", nullable: false),
                    at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    owner = table.Column<string>(type: "character varying(100)", maxLength: 100, nullable: true),
                    assigned_to = table.Column<string>(type: "character varying(100)", maxLength: 100, nullable: true),
                    details = table.Column<string>(type: "text", nullable: false),
                    state = table.Column<string>(type: "character varying(16)", maxLength: 16, nullable: false),
                    due_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    escalations = table.Column<int>(type: "integer", nullable: false),
                    answered_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    answered_by = table.Column<string>(type: "character varying(100)", maxLength: 100, nullable: true),
                    rejection = table.Column<string>(type: "character varying(16)", maxLength: 16, nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_hand_offs", x => x.id);
                });

            migrationBuilder.CreateTable(
                name: "interactions",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uuid", nullable: false),
                    deal_id = table.Column<Guid>(type: "uuid", nullable: false),
                    contact_id = table.Column<Guid>(type: "uuid", nullable: false),
                    kind = table.Column<string>(type: "character varying(16)", maxLength: 16, nullable: false),
                    status = table.Column<string>(type: "character varying(16)", maxLength: 16, nullable: false),
                    proposal = table.Column<string>(type: "character varying(1000)", maxLength: 1000, nullable: true),
                    aim = table.Column<string>(type: "character varying(1000)", maxLength: 1000, nullable: true),
                    reaction = table.Column<string>(type: "character varying(1000)", maxLength: 1000, nullable: true),
                    next_action = table.Column<string>(type: "character varying(1000)", maxLength: 1000, nullable: true),
                    next_action_on = table.Column<DateOnly>(type: "date", nullable: true),
                    actor = table.Column<string>(type: "character varying(100)", maxLength: 100, nullable: false),
                    at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_interactions", x => x.id);
                });

            migrationBuilder.CreateTable(
                name: "lifecycle_changes",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uuid", nullable: false),
                    contact_id = table.Column<Guid>(type: "uuid", nullable: false),
                    from_stage = table.Column<string>(type: "character varying(16)", maxLength: 16, nullable: false),
                    to_stage = table.Column<string>(type: "character varying(16)", maxLength: 16, nullable: false),
                    at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    actor = table.Column<string>(type: "character varying(100)", maxLength: 100, nullable: false),
                    reason = table.Column<string>(type: "character varying(200)", maxLength: 200, nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_lifecycle_changes", x => x.id);
                });

            migrationBuilder.CreateTable(
                name: "occurrence_drafts",
                columns: table => new
                {
                    key = table.Column<string>(type: "character varying(100)", maxLength: 100, nullable: false),
                    year = table.Column<int>(type: "integer", nullable: false),
                    anchor_key = table.Column<string>(type: "character varying(64)", maxLength: 64, nullable: false),
                    changes = table.Column<string>(type: "text", nullable: false),
                    made_by = table.Column<string>(type: "character varying(100)", maxLength: 100, nullable: false),
                    made_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_occurrence_drafts", x => new { x.key, x.year });
                });

            migrationBuilder.CreateTable(
                name: "outgoing_deliveries",
                columns: table => new
                {
                    id = table.Column<long>(type: "bigint", nullable: false)
                        .Annotation("Npgsql:ValueGenerationStrategy", NpgsqlValueGenerationStrategy.IdentityByDefaultColumn),
                    event_id = table.Column<Guid>(type: "uuid", nullable: false),
                    endpoint_id = table.Column<Guid>(type: "uuid", nullable: false),
                    contact_id = table.Column<Guid>(type: "uuid", nullable: false),
                    type = table.Column<string>(type: "character varying(50)", maxLength: 50, nullable: false),
                    at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    state = table.Column<string>(type: "character varying(16)", maxLength: 16, nullable: false),
                    due_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    attempts = table.Column<int>(type: "integer", nullable: false),
                    failures = table.Column<int>(type: "integer", nullable: false),
                    first_failed_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    status = table.Column<int>(type: "integer", nullable: true),
                    answer = table.Column<string>(type: "character varying(1000)", maxLength: 1000, nullable: false),
                    answered_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_outgoing_deliveries", x => x.id);
                });

            migrationBuilder.CreateTable(
                name: "outgoing_endpoints",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uuid", nullable: false),
                    name = table.Column<string>(type: "character varying(60)", maxLength: 60, nullable: false),
                    url = table.Column<string>(type: "character varying(1000)", maxLength: 1000, nullable: false),
                    types = table.Column<string>(type: "character varying(1000)", maxLength: 1000, nullable: false),
                    with_address = table.Column<bool>(type: "boolean", nullable: false),
                    secret = table.Column<string>(type: "character varying(100)", maxLength: 100, nullable: false),
                    old_secret = table.Column<string>(type: "character varying(100)", maxLength: 100, nullable: true),
                    old_secret_until = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    state = table.Column<string>(type: "character varying(16)", maxLength: 16, nullable: false),
                    paused_by = table.Column<string>(type: "character varying(100)", maxLength: 100, nullable: false),
                    paused_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    failing_since = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    failures = table.Column<int>(type: "integer", nullable: false),
                    retry_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    last_problem = table.Column<string>(type: "character varying(300)", maxLength: 300, nullable: false),
                    created_by = table.Column<string>(type: "character varying(100)", maxLength: 100, nullable: false),
                    created_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_outgoing_endpoints", x => x.id);
                });

            migrationBuilder.CreateTable(
                name: "outgoing_events",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uuid", nullable: false),
                    type = table.Column<string>(type: "character varying(50)", maxLength: 50, nullable: false),
                    contact_id = table.Column<Guid>(type: "uuid", nullable: false),
                    at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    data = table.Column<string>(type: "text", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_outgoing_events", x => x.id);
                });

            migrationBuilder.CreateTable(
                name: "paper_sends",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uuid", nullable: false),
                    broadcast_id = table.Column<Guid>(type: "uuid", nullable: false),
                    contact_id = table.Column<Guid>(type: "uuid", nullable: false),
                    way = table.Column<string>(type: "character varying(8)", maxLength: 8, nullable: false),
                    state = table.Column<string>(type: "character varying(8)", maxLength: 8, nullable: false),
                    rule = table.Column<string>(type: "character varying(64)", maxLength: 64, nullable: false),
                    approach = table.Column<string>(type: "character varying(8)", maxLength: 8, nullable: false),
                    topics = table.Column<string>(type: "character varying(500)", maxLength: 500, nullable: false),
                    listed_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    slot_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    done_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    done_by = table.Column<string>(type: "character varying(100)", maxLength: 100, nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_paper_sends", x => x.id);
                });

            migrationBuilder.CreateTable(
                name: "score_checks",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uuid", nullable: false),
                    contact_id = table.Column<Guid>(type: "uuid", nullable: false),
                    due_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_score_checks", x => x.id);
                });

            migrationBuilder.CreateTable(
                name: "score_resets",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uuid", nullable: false),
                    contact_id = table.Column<Guid>(type: "uuid", nullable: false),
                    at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    factor = table.Column<double>(type: "double precision", nullable: false),
                    hot_since = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    undone_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_score_resets", x => x.id);
                });

            migrationBuilder.CreateTable(
                name: "scoring_versions",
                columns: table => new
                {
                    version = table.Column<int>(type: "integer", nullable: false),
                    document = table.Column<string>(type: "text", nullable: false),
                    actor = table.Column<string>(type: "character varying(100)", maxLength: 100, nullable: false),
                    comment = table.Column<string>(type: "character varying(500)", maxLength: 500, nullable: false),
                    at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_scoring_versions", x => x.version);
                });

            migrationBuilder.CreateTable(
                name: "weekly_mails",
                columns: table => new
                {
                    week = table.Column<DateOnly>(type: "date", nullable: false),
                    user_id = table.Column<Guid>(type: "uuid", nullable: false),
                    begun_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    sent_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    problem = table.Column<string>(type: "character varying(500)", maxLength: 500, nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_weekly_mails", x => new { x.week, x.user_id });
                });

            migrationBuilder.CreateIndex(
                name: "IX_users_provider_subject",
                table: "users",
                column: "provider_subject",
                unique: true);

            migrationBuilder.CreateIndex(
                name: "IX_notices_mail_due_at",
                table: "notices",
                column: "mail_due_at");

            migrationBuilder.CreateIndex(
                name: "IX_deals_closed_at",
                table: "deals",
                column: "closed_at");

            migrationBuilder.CreateIndex(
                name: "IX_deals_status_updated_at",
                table: "deals",
                columns: new[] { "status", "updated_at" });

            migrationBuilder.CreateIndex(
                name: "IX_deals_updated_at_id",
                table: "deals",
                columns: new[] { "updated_at", "id" });

            migrationBuilder.CreateIndex(
                name: "IX_contacts_stage",
                table: "contacts",
                column: "stage");

            migrationBuilder.CreateIndex(
                name: "IX_contacts_updated_at_id",
                table: "contacts",
                columns: new[] { "updated_at", "id" });

            migrationBuilder.CreateIndex(
                name: "IX_broadcast_recipients_broadcast_id_turn_at",
                table: "broadcast_recipients",
                columns: new[] { "broadcast_id", "turn_at" },
                filter: "turn_at IS NOT NULL");

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
                name: "IX_contact_scores_cools_at",
                table: "contact_scores",
                column: "cools_at");

            migrationBuilder.CreateIndex(
                name: "IX_deal_files_at",
                table: "deal_files",
                column: "at");

            migrationBuilder.CreateIndex(
                name: "IX_deal_files_deal_id_at",
                table: "deal_files",
                columns: new[] { "deal_id", "at" });

            migrationBuilder.CreateIndex(
                name: "IX_hand_offs_assigned_to_at",
                table: "hand_offs",
                columns: new[] { "assigned_to", "at" });

            migrationBuilder.CreateIndex(
                name: "IX_hand_offs_contact_id_state",
                table: "hand_offs",
                columns: new[] { "contact_id", "state" });

            migrationBuilder.CreateIndex(
                name: "IX_hand_offs_due_at",
                table: "hand_offs",
                column: "due_at");

            migrationBuilder.CreateIndex(
                name: "IX_hand_offs_state_at",
                table: "hand_offs",
                columns: new[] { "state", "at" });

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

            migrationBuilder.CreateIndex(
                name: "IX_lifecycle_changes_at_id",
                table: "lifecycle_changes",
                columns: new[] { "at", "id" });

            migrationBuilder.CreateIndex(
                name: "IX_lifecycle_changes_contact_id_at",
                table: "lifecycle_changes",
                columns: new[] { "contact_id", "at" });

            migrationBuilder.CreateIndex(
                name: "IX_lifecycle_changes_to_stage_at",
                table: "lifecycle_changes",
                columns: new[] { "to_stage", "at" });

            migrationBuilder.CreateIndex(
                name: "IX_outgoing_deliveries_endpoint_id_contact_id_id",
                table: "outgoing_deliveries",
                columns: new[] { "endpoint_id", "contact_id", "id" },
                filter: "state = 'Waiting'");

            migrationBuilder.CreateIndex(
                name: "IX_outgoing_deliveries_endpoint_id_due_at",
                table: "outgoing_deliveries",
                columns: new[] { "endpoint_id", "due_at" },
                filter: "state = 'Waiting'");

            migrationBuilder.CreateIndex(
                name: "IX_outgoing_deliveries_endpoint_id_state_at",
                table: "outgoing_deliveries",
                columns: new[] { "endpoint_id", "state", "at" });

            migrationBuilder.CreateIndex(
                name: "IX_outgoing_deliveries_event_id",
                table: "outgoing_deliveries",
                column: "event_id");

            migrationBuilder.CreateIndex(
                name: "IX_outgoing_endpoints_name",
                table: "outgoing_endpoints",
                column: "name",
                unique: true);

            migrationBuilder.CreateIndex(
                name: "IX_outgoing_events_at",
                table: "outgoing_events",
                column: "at");

            migrationBuilder.CreateIndex(
                name: "IX_paper_sends_broadcast_id_contact_id",
                table: "paper_sends",
                columns: new[] { "broadcast_id", "contact_id" },
                unique: true);

            migrationBuilder.CreateIndex(
                name: "IX_paper_sends_contact_id_slot_at",
                table: "paper_sends",
                columns: new[] { "contact_id", "slot_at" });

            migrationBuilder.CreateIndex(
                name: "IX_score_checks_due_at",
                table: "score_checks",
                column: "due_at");

            migrationBuilder.CreateIndex(
                name: "IX_score_resets_contact_id_at",
                table: "score_resets",
                columns: new[] { "contact_id", "at" });
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "complaints");

            migrationBuilder.DropTable(
                name: "contact_scores");

            migrationBuilder.DropTable(
                name: "deal_files");

            migrationBuilder.DropTable(
                name: "hand_offs");

            migrationBuilder.DropTable(
                name: "interactions");

            migrationBuilder.DropTable(
                name: "lifecycle_changes");

            migrationBuilder.DropTable(
                name: "occurrence_drafts");

            migrationBuilder.DropTable(
                name: "outgoing_deliveries");

            migrationBuilder.DropTable(
                name: "outgoing_endpoints");

            migrationBuilder.DropTable(
                name: "outgoing_events");

            migrationBuilder.DropTable(
                name: "paper_sends");

            migrationBuilder.DropTable(
                name: "score_checks");

            migrationBuilder.DropTable(
                name: "score_resets");

            migrationBuilder.DropTable(
                name: "scoring_versions");

            migrationBuilder.DropTable(
                name: "weekly_mails");

            migrationBuilder.DropIndex(
                name: "IX_users_provider_subject",
                table: "users");

            migrationBuilder.DropIndex(
                name: "IX_notices_mail_due_at",
                table: "notices");

            migrationBuilder.DropIndex(
                name: "IX_deals_closed_at",
                table: "deals");

            migrationBuilder.DropIndex(
                name: "IX_deals_status_updated_at",
                table: "deals");

            migrationBuilder.DropIndex(
                name: "IX_deals_updated_at_id",
                table: "deals");

            migrationBuilder.DropIndex(
                name: "IX_contacts_stage",
                table: "contacts");

            migrationBuilder.DropIndex(
                name: "IX_contacts_updated_at_id",
                table: "contacts");

            migrationBuilder.DropIndex(
                name: "IX_broadcast_recipients_broadcast_id_turn_at",
                table: "broadcast_recipients");

            migrationBuilder.DropColumn(
                name: "provider_subject",
                table: "users");

            migrationBuilder.DropColumn(
                name: "escalated_at",
                table: "tasks");

            migrationBuilder.DropColumn(
                name: "mail_due_at",
                table: "notices");

            migrationBuilder.DropColumn(
                name: "mail_subject",
                table: "notices");

            migrationBuilder.DropColumn(
                name: "mail_text",
                table: "notices");

            migrationBuilder.DropColumn(
                name: "mail_to",
                table: "notices");

            migrationBuilder.DropColumn(
                name: "mail_tries",
                table: "notices");

            migrationBuilder.DropColumn(
                name: "mailed_at",
                table: "notices");

            migrationBuilder.DropColumn(
                name: "closed_at",
                table: "deals");

            migrationBuilder.DropColumn(
                name: "lost_reason",
                table: "deals");

            migrationBuilder.DropColumn(
                name: "propose_not_before",
                table: "deals");

            migrationBuilder.DropColumn(
                name: "seasonal_allowed_at",
                table: "contacts");

            migrationBuilder.DropColumn(
                name: "seasonal_allowed_by",
                table: "contacts");

            migrationBuilder.DropColumn(
                name: "stage",
                table: "contacts");

            migrationBuilder.DropColumn(
                name: "stage_at",
                table: "contacts");

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
