using System.Text.Json.Nodes;
using Automation.Workflows.Activities;
using Automation.Workflows.Runtime;

namespace Automation.Server.Commands.FlowTrials;

/// <summary>What lies around the shop of a try-out: days of its calendar, and hosts that answer what flows ask them.</summary>
/// <remarks>
/// In a script: <c>anchors: [{key, kind, dates}]</c> as in calendar files; <c>answers: {"https://…": {status, content}}</c>, where an address
/// that is not listed has nobody there.
/// </remarks>
internal sealed class TrialOutside(JsonObject script) : IHttpCaller
{
    private readonly JsonObject answers = script["answers"] as JsonObject ?? [];

    /// <summary>Every host that a script knows of.</summary>
    public HttpAccess Access { get; } = new()
    {
        Hosts = [.. (script["answers"] as JsonObject ?? []).Select(answer => new Uri(answer.Key).Authority).Distinct(StringComparer.OrdinalIgnoreCase)],
    };

    public async Task WriteCalendarAsync(string folder, CancellationToken cancellation)
    {
        if (script["anchors"] is not JsonArray anchors) return;
        Directory.CreateDirectory(folder);
        var calendar = new JsonObject { ["key"] = "trial", ["anchors"] = anchors.DeepClone(), ["occurrences"] = new JsonArray() };
        await File.WriteAllTextAsync(Path.Combine(folder, "trial.calendar.json"), calendar.ToJsonString(), cancellation);
    }

    public ValueTask<HttpReply> SendAsync(HttpCall call, CancellationToken cancellation) => answers[call.Url.ToString()] is JsonObject answer
        ? new(new HttpReply((int?)answer["status"] ?? 200, new Dictionary<string, string>(), PlainValue.FromJson(answer["content"])))
        : throw new HttpRequestException("Nobody is there.");
}
