using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Automation.SendGrid.StandIn;

/// <summary>What a mailbox page, tests and benchmarks ask of the stand-in; nothing of it exists at SendGrid.</summary>
internal sealed class ControlEndpoints(
    StandInOptions options, Mailbox mailbox, FaultPlan plan, AutomaticEvents events, WebhookPump pump, WebhookState webhook, Tally tally)
{
    private const int DefaultSize = 50;
    private const int LargestSize = 500;
    private static readonly TimeSpan ReadingTime = TimeSpan.FromSeconds(12);

    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/stand-in/status", GetStatusAsync);
        routes.MapGet("/stand-in/mails", GetMailsAsync);
        routes.MapDelete("/stand-in/mails", DeleteMailsAsync);
        routes.MapGet("/stand-in/mails/{id}", GetMailAsync);
        routes.MapPost("/stand-in/mails/{id}/events", PostEventAsync);
        routes.MapGet("/stand-in/counts", GetCountsAsync);
        routes.MapGet("/stand-in/faults", GetFaultsAsync);
        routes.MapPut("/stand-in/faults", PutFaultsAsync);
    }

    private Task GetStatusAsync(HttpContext context)
    {
        var view = pump.View;
        var hook = new WebhookView(
            webhook.Url?.ToString(), webhook.PublicKey, view.Pending, view.Posted, view.RefusedPosts, view.Lost, view.LastStatus);
        var status = new StatusView(tally.Requests, tally.Accepted, tally.Refused, mailbox.Count, hook);
        return context.Response.WriteAsJsonAsync(status, StandInJson.Default.StatusView);
    }

    // Newest first.
    private Task GetMailsAsync(HttpContext context)
    {
        var query = context.Request.Query;
        var page = Number(query["page"], 1, int.MaxValue);
        var size = Number(query["size"], DefaultSize, LargestSize);
        var sinceText = query["since"].ToString();
        var since = DateTimeOffset.MinValue;
        if (sinceText.Length > 0
            && !DateTimeOffset.TryParse(sinceText, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out since))
            return Answers.ErrorAsync(context, StatusCodes.Status400BadRequest, "An ISO 8601 instant is expected.", "since");
        var found = Found(query["to"].ToString(), query["search"].ToString(), since);
        var rows = found.Skip((int)Math.Min((page - 1L) * size, int.MaxValue)).Take(size).Select(Row).ToArray();
        return context.Response.WriteAsJsonAsync(new MailPage(page, size, found.Count, rows), StandInJson.Default.MailPage);
    }

    private static int Number(string? text, int otherwise, int most) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? Math.Clamp(number, 1, most) : otherwise;

    private List<RecordedMail> Found(string to, string search, DateTimeOffset since)
    {
        var all = mailbox.All();
        var found = new List<RecordedMail>();
        for (var index = all.Length - 1; index >= 0; index--)
        {
            var mail = all[index];
            if (mail.Request.At >= since
                && (to.Length == 0 || mail.To.Equals(to, StringComparison.OrdinalIgnoreCase))
                && (search.Length == 0 || Matches(mail, search)))
                found.Add(mail);
        }

        return found;
    }

    private static bool Matches(RecordedMail mail, string search) =>
        mail.To.Contains(search, StringComparison.OrdinalIgnoreCase)
        || mail.Request.From.Contains(search, StringComparison.OrdinalIgnoreCase)
        || mail.Subject?.Contains(search, StringComparison.OrdinalIgnoreCase) == true
        || Arguments(mail).Values.Any(value => value.Contains(search, StringComparison.OrdinalIgnoreCase));

    private MailRow Row(RecordedMail mail) => new(
        mail.Id, mail.Request.Id, mail.To, mail.Request.From, Text(mail)?.Subject ?? mail.Subject ?? "", mail.Request.At, State(mail),
        Arguments(mail));

    private MailText? Text(RecordedMail mail) => mailbox.Body(mail.Request) is { } body ? MailText.Of(body, mail.Index) : null;

    private string State(RecordedMail mail) =>
        mailbox.Read(() => mail.StateAt(options.Clock.GetUtcNow())).ToString().ToLowerInvariant();

    private static Dictionary<string, string> Arguments(RecordedMail mail) => mail.CustomArgs is { } arguments
        ? JsonSerializer.Deserialize(arguments, StandInJson.Default.DictionaryStringString)!
        : [];

    private Task DeleteMailsAsync(HttpContext context)
    {
        mailbox.Clear();
        pump.Clear();
        context.Response.StatusCode = StatusCodes.Status204NoContent;
        return Task.CompletedTask;
    }

    private Task GetMailAsync(HttpContext context)
    {
        if (Asked(context) is not { } mail) return NoSuchMailAsync(context);
        var text = Text(mail);
        var happened = mailbox.Read(() => mail.Events.Select(one => View(mail, one)).ToArray());
        var view = new MailView(
            mail.Id, mail.Request.Id, mail.To, text?.From ?? mail.Request.From, text?.Subject ?? mail.Subject ?? "", mail.Request.At,
            State(mail), Arguments(mail), text is not null, text?.Text, text?.Html, text?.Headers ?? [], happened);
        return context.Response.WriteAsJsonAsync(view, StandInJson.Default.MailView);
    }

    private RecordedMail? Asked(HttpContext context) => mailbox.Find(context.GetRouteValue("id")!.ToString()!);

    private static Task NoSuchMailAsync(HttpContext context) =>
        Answers.ErrorAsync(context, StatusCodes.Status404NotFound, "There is no such mail.");

    private static EventView View(RecordedMail mail, RecordedEvent happened) =>
        new(happened.Type, happened.At, EventMaker.Id(mail, happened.Type, happened.Number), happened.Url);

    private async Task PostEventAsync(HttpContext context)
    {
        if (Asked(context) is not { } mail)
        {
            await NoSuchMailAsync(context);
        }
        else if (await ReadAsync(context, StandInJson.Default.EventRequest) is not { } wanted)
        {
            return;
        }
        else if (wanted.Type is null || !EventKinds.All.ContainsKey(wanted.Type))
        {
            var known = string.Join(", ", EventKinds.All.Keys);
            await Answers.ErrorAsync(context, StatusCodes.Status400BadRequest, $"One of these is expected: {known}.", "type");
        }
        else if (wanted.Type == "click" && string.IsNullOrEmpty(wanted.Url))
        {
            await Answers.ErrorAsync(context, StatusCodes.Status400BadRequest, "A click needs its address.", "url");
        }
        else
        {
            var at = wanted.At ?? SoonestForAPerson(mail, wanted, options.Clock.GetUtcNow());
            var made = events.Make(mail, new EventWish(wanted.Type, at, wanted.Url, wanted.Machine, wanted.WithoutIds));
            context.Response.StatusCode = StatusCodes.Status202Accepted;
            await context.Response.WriteAsJsonAsync(View(mail, made), StandInJson.Default.EventView);
        }
    }

    // A person reads before clicking: sooner after delivery than this, receivers of events take it for a scanner's.
    private DateTimeOffset SoonestForAPerson(RecordedMail mail, EventRequest wanted, DateTimeOffset now)
    {
        if (wanted.Machine || wanted.Type is not ("open" or "click")) return now;
        var delivered = mailbox.Read(() => mail.Events.Where(one => one.Type == "delivered").Select(one => (DateTimeOffset?)one.At).Max());
        return delivered + ReadingTime is { } soonest && soonest > now ? soonest : now;
    }

    private Task GetCountsAsync(HttpContext context)
    {
        var by = context.Request.Query["by"].ToString();
        if (by.Length == 0) by = WebhookEvents.MessageIdArgument;
        var least = Number(context.Request.Query["least"], 1, int.MaxValue);
        return context.Response.WriteAsJsonAsync(Counts(by, least), StandInJson.Default.CountsView);
    }

    private CountsView Counts(string by, int least)
    {
        var counts = new Dictionary<string, int>();
        var all = mailbox.All();
        var without = 0;
        foreach (var mail in all)
        {
            if (Arguments(mail).TryGetValue(by, out var value)) counts[value] = counts.GetValueOrDefault(value) + 1;
            else without++;
        }

        var shown = counts.Where(count => count.Value >= least).ToDictionary();
        return new CountsView(by, all.Length, without, counts.Count, counts.Values.DefaultIfEmpty().Max(), shown);
    }

    private Task GetFaultsAsync(HttpContext context)
    {
        var current = plan.Current;
        var rules = current.Rules.Select(rule => new FaultView(rule.Fault, rule.Probability, rule.Times, rule.To)).ToArray();
        return context.Response.WriteAsJsonAsync(new FaultsView(current.Seed, rules), StandInJson.Default.FaultsView);
    }

    private async Task PutFaultsAsync(HttpContext context)
    {
        if (await ReadAsync(context, StandInJson.Default.FaultsView) is not { } wanted) return;
        try
        {
            var rules = (wanted.Faults ?? []).Select(rule => new StandInFault(rule.Fault ?? "", rule.Probability ?? 1, rule.Times, rule.To));
            plan.Set(new StandInFaults([.. rules], wanted.Seed ?? 1));
            await GetFaultsAsync(context);
        }
        catch (FormatException unknown)
        {
            await Answers.ErrorAsync(context, StatusCodes.Status400BadRequest, unknown.Message, "faults");
        }
    }

    /// <summary>Answers 400 or 415 itself and gives null when the body cannot be read. A page of another site cannot post JSON here unasked.</summary>
    internal static async Task<T?> ReadAsync<T>(HttpContext context, JsonTypeInfo<T> type) where T : class
    {
        if (!context.Request.HasJsonContentType())
        {
            await Answers.ErrorAsync(context, StatusCodes.Status415UnsupportedMediaType, "The content must be application/json.");
            return null;
        }

        try
        {
            if (await context.Request.ReadFromJsonAsync(type, context.RequestAborted) is { } read) return read;
        }
        catch (JsonException broken)
        {
            await Answers.ErrorAsync(context, StatusCodes.Status400BadRequest, "The JSON cannot be read.", broken.Path);
            return null;
        }

        await Answers.ErrorAsync(context, StatusCodes.Status400BadRequest, "An object is expected.");
        return null;
    }
}
