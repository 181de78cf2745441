using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Automation.Marketing.Storage.Sqlite.Migrations
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
                type: "TEXT",
                maxLength: 600,
                nullable: true);

            migrationBuilder.AddColumn<long>(
                name: "escalated_at",
                table: "tasks",
                type: "INTEGER",
                nullable: true);

            migrationBuilder.AddColumn<long>(
                name: "mail_due_at",
                table: "notices",
                type: "INTEGER",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "mail_subject",
                table: "notices",
                type: "TEXT",
                maxLength: 300,
                nullable: false,
                defaultValue: "");

            migrationBuilder.AddColumn<string>(
                name: "mail_text",
                table: "notices",
                type: "TEXT",
                nullable: false,
                defaultValue: "");

            migrationBuilder.AddColumn<string>(
                name: "mail_to",
                table: "notices",
                type: "TEXT",
                maxLength: 254,
                nullable: true);

            migrationBuilder.AddColumn<int>(
                name: "mail_tries",
                table: "notices",
                type: "INTEGER",
                nullable: false,
                defaultValue: 0);

            migrationBuilder.AddColumn<long>(
                name: "mailed_at",
                table: "notices",
                type: "INTEGER",
                nullable: true);

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

            migrationBuilder.AddColumn<long>(
                name: "seasonal_allowed_at",
                table: "contacts",
                type: "INTEGER",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "seasonal_allowed_by",
                table: "contacts",
                type: "TEXT",
                maxLength: 100,
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "stage",
                table: "contacts",
                type: "TEXT",
                maxLength: 16,
                nullable: false,
                defaultValue: "Subscriber");

            migrationBuilder.AddColumn<long>(
                name: "stage_at",
                table: "contacts",
                type: "INTEGER",
                nullable: true);

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
                name: "contact_scores",
                columns: table => new
                {
                    contact_id = table.Column<Guid>(type: "TEXT", nullable: false),
                    as_of = table.Column<long>(type: "INTEGER", nullable: false),
                    sums = table.Column<string>(type: "TEXT", nullable: false),
                    fit = table.Column<int>(type: "INTEGER", nullable: false),
                    hot_since = table.Column<long>(type: "INTEGER", nullable: true),
                    cools_at = table.Column<long>(type: "INTEGER", nullable: true),
                    alerted_at = table.Column<long>(type: "INTEGER", nullable: true),
                    why = table.Column<string>(type: "TEXT", maxLength: 40, nullable: false),
                    signals = table.Column<string>(type: "TEXT", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_contact_scores", x => x.contact_id);
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
                name: "hand_offs",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "TEXT", nullable: false),
                    contact_id = table.Column<Guid>(type: "TEXT", nullable: false),
                    deal_id = table.Column<Guid>(type: "TEXT", nullable: false),
                    at = table.Column<long>(type: "INTEGER", nullable: false),
                    owner = table.Column<string>(type: "TEXT", maxLength: 100, nullable: true),
                    assigned_to = table.Column<string>(type: "TEXT", maxLength: 100, nullable: true),
                    details = table.Column<string>(type: "TEXT", nullable: false),
                    state = table.Column<string>(type: "TEXT", maxLength: 16, nullable: false),
                    due_at = table.Column<long>(type: "INTEGER", nullable: true),
                    escalations = table.Column<int>(type: "INTEGER", nullable: false),
                    answered_at = table.Column<long>(type: "INTEGER", nullable: true),
                    answered_by = table.Column<string>(type: "TEXT", maxLength: 100, nullable: true),
                    rejection = table.Column<string>(type: "TEXT", maxLength: 16, nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_hand_offs", x => x.id);
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

            migrationBuilder.CreateTable(
                name: "lifecycle_changes",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "TEXT", nullable: false),
                    contact_id = table.Column<Guid>(type: "TEXT", nullable: false),
                    from_stage = table.Column<string>(type: "TEXT", maxLength: 16, nullable: false),
                    to_stage = table.Column<string>(type: "TEXT", maxLength: 16, nullable: false),
                    at = table.Column<long>(type: "INTEGER", nullable: false),
                    actor = table.Column<string>(type: "TEXT", maxLength: 100, nullable: false),
                    reason = table.Column<string>(type: "TEXT", maxLength: 200, nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_lifecycle_changes", x => x.id);
                });

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
                name: "outgoing_deliveries",
                columns: table => new
                {
                    id = table.Column<long>(type: "INTEGER", nullable: false)
                        .Annotation("Sqlite:Autoincrement", true),
                    event_id = table.Column<Guid>(type: "TEXT", nullable: false),
                    endpoint_id = table.Column<Guid>(type: "TEXT", nullable: false),
                    contact_id = table.Column<Guid>(type: "TEXT", nullable: false),
                    type = table.Column<string>(type: "TEXT", maxLength: 50, nullable: false),
                    at = table.Column<long>(type: "INTEGER", nullable: false),
                    state = table.Column<string>(type: "TEXT", maxLength: 16, nullable: false),
                    due_at = table.Column<long>(type: "INTEGER", nullable: false),
                    attempts = table.Column<int>(type: "INTEGER", nullable: false),
                    failures = table.Column<int>(type: "INTEGER", nullable: false),
                    first_failed_at = table.Column<long>(type: "INTEGER", nullable: true),
                    status = table.Column<int>(type: "INTEGER", nullable: true),
                    answer = table.Column<string>(type: "TEXT", maxLength: 1000, nullable: false),
                    answered_at = table.Column<long>(type: "INTEGER", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_outgoing_deliveries", x => x.id);
                });

            migrationBuilder.CreateTable(
                name: "outgoing_endpoints",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "TEXT", nullable: false),
                    name = table.Column<string>(type: "TEXT", maxLength: 60, nullable: false),
                    url = table.Column<string>(type: "TEXT", maxLength: 1000, nullable: false),
                    types = table.Column<string>(type: "TEXT", maxLength: 1000, nullable: false),
                    with_address = table.Column<bool>(type: "INTEGER", nullable: false),
                    secret = table.Column<string>(type: "TEXT", maxLength: 100, nullable: false),
                    old_secret = table.Column<string>(type: "TEXT", maxLength: 100, nullable: true),
                    old_secret_until = table.Column<long>(type: "INTEGER", nullable: true),
                    state = table.Column<string>(type: "TEXT", maxLength: 16, nullable: false),
                    paused_by = table.Column<string>(type: "TEXT", maxLength: 100, nullable: false),
                    paused_at = table.Column<long>(type: "INTEGER", nullable: true),
                    failing_since = table.Column<long>(type: "INTEGER", nullable: true),
                    failures = table.Column<int>(type: "INTEGER", nullable: false),
                    retry_at = table.Column<long>(type: "INTEGER", nullable: true),
                    last_problem = table.Column<string>(type: "TEXT", maxLength: 300, nullable: false),
                    created_by = table.Column<string>(type: "TEXT", maxLength: 100, nullable: false),
                    created_at = table.Column<long>(type: "INTEGER", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_outgoing_endpoints", x => x.id);
                });

            migrationBuilder.CreateTable(
                name: "outgoing_events",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "TEXT", nullable: false),
                    type = table.Column<string>(type: "TEXT", maxLength: 50, nullable: false),
                    contact_id = table.Column<Guid>(type: "TEXT", nullable: false),
                    at = table.Column<long>(type: "INTEGER", nullable: false),
                    data = table.Column<string>(type: "TEXT", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_outgoing_events", x => x.id);
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
                name: "score_checks",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "TEXT", nullable: false),
                    contact_id = table.Column<Guid>(type: "TEXT", nullable: false),
                    due_at = table.Column<long>(type: "INTEGER", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_score_checks", x => x.id);
                });

            migrationBuilder.CreateTable(
                name: "score_resets",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "TEXT", nullable: false),
                    contact_id = table.Column<Guid>(type: "TEXT", nullable: false),
                    at = table.Column<long>(type: "INTEGER", nullable: false),
                    factor = table.Column<double>(type: "REAL", nullable: false),
                    hot_since = table.Column<long>(type: "INTEGER", nullable: true),
                    undone_at = table.Column<long>(type: "INTEGER", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_score_resets", x => x.id);
                });

            migrationBuilder.CreateTable(
                name: "scoring_versions",
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
                    table.PrimaryKey("PK_scoring_versions", x => x.version);
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
