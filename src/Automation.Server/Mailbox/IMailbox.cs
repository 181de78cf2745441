using System.Net;
using System.Text.Json.Serialization;

namespace Automation.Server.Mailbox;

/// <summary>Where the built-in stand-in for SendGrid listens; null when real mail is sent.</summary>
public sealed record StandInAddress(Uri? Uri);

/// <summary>What the stand-in took instead of sending it, and what its recipients may be made to do.</summary>
public interface IMailbox
{
    /// <param name="page">From 1, newest mail first.</param>
    Task<MailboxPage> ListAsync(int page, string? search, CancellationToken cancellation);

    Task<MailboxMail?> FindAsync(string id, CancellationToken cancellation);

    /// <param name="type"><c>open, click, bounce, blocked, deferred, dropped, spamreport, unsubscribe, …</c></param>
    /// <param name="url">Of a click.</param>
    /// <returns>False when there is no such mail.</returns>
    Task<bool> MakeEventAsync(string id, string type, string? url, CancellationToken cancellation);
}

public sealed record MailboxPage(int Page, int Size, int Total, IReadOnlyList<MailboxRow> Mails)
{
    [JsonIgnore]
    public bool HasMore => (long)Page * Size < Total;
}

public sealed record MailboxRow(string Id, string To, string From, string Subject, DateTimeOffset At, string State, IReadOnlyDictionary<string, string> CustomArgs);

/// <summary>One mail as its recipient would see it. The body is null when the stand-in no longer keeps it.</summary>
public sealed record MailboxMail(
    string Id, string To, string From, string Subject, DateTimeOffset At, string State, IReadOnlyDictionary<string, string> CustomArgs,
    bool BodyKept, string? Text, string? Html, IReadOnlyDictionary<string, string> Headers, IReadOnlyList<MailboxEvent> Events);

public sealed record MailboxEvent(string Type, DateTimeOffset At, string? Url);

/// <summary>Speaks to the stand-in's control addresses.</summary>
internal sealed class StandInMailbox(HttpClient http, StandInAddress address) : IMailbox
{
    public async Task<MailboxPage> ListAsync(int page, string? search, CancellationToken cancellation) =>
        (await http.GetFromJsonAsync<MailboxPage>(At($"/stand-in/mails?page={page}&search={Uri.EscapeDataString(search ?? "")}"), cancellation))!;

    public async Task<MailboxMail?> FindAsync(string id, CancellationToken cancellation)
    {
        using var answer = await http.GetAsync(At($"/stand-in/mails/{Uri.EscapeDataString(id)}"), cancellation);
        if (answer.StatusCode is HttpStatusCode.NotFound) return null;
        answer.EnsureSuccessStatusCode();
        return await answer.Content.ReadFromJsonAsync<MailboxMail>(cancellation);
    }

    public async Task<bool> MakeEventAsync(string id, string type, string? url, CancellationToken cancellation)
    {
        using var answer = await http.PostAsJsonAsync(At($"/stand-in/mails/{Uri.EscapeDataString(id)}/events"), new { type, url }, cancellation);
        if (answer.StatusCode is HttpStatusCode.NotFound) return false;
        answer.EnsureSuccessStatusCode();
        return true;
    }

    private Uri At(string path) =>
        new(address.Uri ?? throw new InvalidOperationException("There is no stand-in to ask: real mail is sent."), path);
}
