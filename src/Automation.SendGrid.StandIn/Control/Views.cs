using System.Text.Json.Serialization;

namespace Automation.SendGrid.StandIn;

/// <summary>The message id is the request's <c>X-Message-Id</c>; the state, as far as the mail has come, in small letters.</summary>
internal sealed record MailRow(
    string Id, string MessageId, string To, string From, string Subject, DateTimeOffset At, string State,
    IReadOnlyDictionary<string, string> CustomArgs);

internal sealed record MailPage(int Page, int Size, int Total, IReadOnlyList<MailRow> Mails);

/// <summary>One person's mail. Text and HTML are null when there are none, or when the request's body is no longer kept.</summary>
internal sealed record MailView(
    string Id, string MessageId, string To, string From, string Subject, DateTimeOffset At, string State,
    IReadOnlyDictionary<string, string> CustomArgs, bool BodyKept, string? Text, string? Html, IReadOnlyDictionary<string, string> Headers,
    IReadOnlyList<EventView> Events);

internal sealed record EventView(string Type, DateTimeOffset At, string EventId, string? Url);

/// <param name="Type">As in <see cref="EventKinds"/>.</param>
/// <param name="Url">Of a click.</param>
/// <param name="At">Default now.</param>
/// <param name="Machine">An open by a privacy proxy.</param>
/// <param name="WithoutIds">Leaves <c>sg_event_id</c> and <c>sg_message_id</c> out.</param>
internal sealed record EventRequest(string? Type, string? Url = null, DateTimeOffset? At = null, bool Machine = false, bool WithoutIds = false);

/// <param name="By">The custom argument.</param>
/// <param name="Mails">All mails recorded.</param>
/// <param name="Without">Mails without the argument.</param>
/// <param name="Distinct">Different values.</param>
/// <param name="Most">Mails of the value that has most; at most once means never above 1.</param>
/// <param name="Counts">Value and mails, those at or above the asked minimum.</param>
internal sealed record CountsView(string By, int Mails, int Without, int Distinct, int Most, IReadOnlyDictionary<string, int> Counts);

internal sealed record StatusView(long Requests, long Accepted, long Refused, int Mails, WebhookView Webhook);

internal sealed record WebhookView(
    string? Url, string PublicKey, int Pending, long Posted, long RefusedPosts, long Lost, int? LastStatus);

internal sealed record FaultView(string? Fault, double? Probability = null, int? Times = null, string? To = null);

internal sealed record FaultsView(int? Seed, IReadOnlyList<FaultView>? Faults);

internal sealed record SignedView(string Id, string PublicKey);

internal sealed record SignedRequest(bool? Enabled);

internal sealed record TestRequest(string? Url);

[JsonSourceGenerationOptions(System.Text.Json.JsonSerializerDefaults.Web)]
[JsonSerializable(typeof(Dictionary<string, string>))]
[JsonSerializable(typeof(ErrorsView))]
[JsonSerializable(typeof(MailPage))]
[JsonSerializable(typeof(MailView))]
[JsonSerializable(typeof(EventView))]
[JsonSerializable(typeof(EventRequest))]
[JsonSerializable(typeof(CountsView))]
[JsonSerializable(typeof(StatusView))]
[JsonSerializable(typeof(FaultsView))]
internal sealed partial class StandInJson : JsonSerializerContext;

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(SignedView))]
[JsonSerializable(typeof(SignedRequest))]
[JsonSerializable(typeof(TestRequest))]
internal sealed partial class SettingsJson : JsonSerializerContext;
