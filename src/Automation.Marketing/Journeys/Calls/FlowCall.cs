using System.Text.Json.Nodes;
using Automation.Marketing.Storage;
using Automation.Workflows.Activities;
using Automation.Workflows.Runtime;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Automation.Marketing.Journeys.Calls;

/// <summary>A web request that a run has asked for and waits for. Written with the run's state, gone with its answer.</summary>
/// <remarks><c>asked ─► taken by a worker (due again when its lease ends) ─► answered: the row goes, a stimulus comes</c></remarks>
public sealed class FlowCall
{
    /// <summary>The runtime's id of the step's execution: the same however often the step is done again.</summary>
    public required string Id { get; init; }

    public Guid InstanceId { get; init; }
    public Guid ContactId { get; init; }

    /// <summary>Method, address, headers and content, as JSON.</summary>
    public required string Request { get; init; }

    /// <summary>From when a worker may take it; while one has it, until when that one may.</summary>
    public DateTimeOffset DueAt { get; init; }

    /// <summary>Times a worker has taken it; only the last one's answer counts.</summary>
    public int Attempts { get; init; }

    internal static FlowCall Of(FlowInstance run, WorkflowRequest.Call asked, DateTimeOffset now) => new()
    {
        Id = asked.CallId,
        InstanceId = run.Id,
        ContactId = run.ContactId,
        Request = new JsonObject
        {
            ["method"] = asked.Request.Method,
            ["url"] = asked.Request.Url.OriginalString,
            ["headers"] = PlainValue.ToJson(asked.Request.Headers.ToDictionary(header => header.Key, header => (object?)header.Value)),
            ["contentType"] = asked.Request.ContentType,
            ["content"] = PlainValue.ToJson(asked.Request.Content),
        }.ToJsonString(),
        DueAt = now,
    };

    internal static HttpCall RequestOf(string json)
    {
        var request = JsonNode.Parse(json)!;
        return new HttpCall(
            (string)request["method"]!, new Uri((string)request["url"]!, UriKind.RelativeOrAbsolute),
            request["headers"]!.AsObject().ToDictionary(header => header.Key, header => header.Value?.ToString() ?? "", StringComparer.OrdinalIgnoreCase),
            (string?)request["contentType"], PlainValue.FromJson(request["content"]));
    }

    /// <summary>In the transaction that saves the runs.</summary>
    internal static Task<int> AddAsync(AutomationDb db, IReadOnlyCollection<FlowCall> calls, CancellationToken cancellation) => calls.Count == 0 ? Task.FromResult(0)
        : db.InsertManyAsync(
            "flow_calls", ["id", "instance_id", "contact_id", "request", "due_at", "attempts"],
            [.. calls.Select(call => new object?[] { call.Id, call.InstanceId, call.ContactId, call.Request, call.DueAt, 0 })], "", cancellation);
}

internal sealed class FlowCallMapping : IEntityTypeConfiguration<FlowCall>
{
    public void Configure(EntityTypeBuilder<FlowCall> call)
    {
        call.ToTable("flow_calls");
        call.HasKey(c => c.Id);
        call.Property(c => c.Id).HasMaxLength(100);
        call.HasIndex(c => c.DueAt);                              // the next ones
    }
}
