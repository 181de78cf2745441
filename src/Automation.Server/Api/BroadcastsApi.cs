using System.Security.Claims;
using System.Text.Json;
using System.Text.Json.Serialization;
using Automation.Marketing;
using Automation.Marketing.Campaigns;
using Automation.Marketing.Campaigns.Turns;
using Automation.Marketing.Mail;
using Automation.Marketing.Mail.Law;
using Automation.Marketing.Storage;
using Automation.Server.Wording;
using Automation.Server.Work;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace Automation.Server.Api;

/// <summary>Mailings to an audience, and their account.</summary>
internal static class BroadcastsApi
{
    private static readonly JsonSerializerOptions Strict = new(JsonSerializerOptions.Web)
    {
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase, allowIntegerValues: false) },
    };

    public static void Map(IEndpointRouteBuilder api)
    {
        api.MapPost("/broadcasts", PostAsync).ProducesProblem(StatusCodes.Status400BadRequest);
        api.MapGet("/broadcasts/{id:guid}", GetAsync);
        api.MapDelete("/broadcasts/{id:guid}", DeleteAsync).ProducesProblem(StatusCodes.Status409Conflict);
        api.MapPost("/audiences/count", PostCountAsync);
    }

    internal static async Task<Created<BroadcastView>> PostAsync(
        HttpRequest request, AutomationDb db, Broadcasts broadcasts, LawGate law, WorkLoops work, TimeProvider clock, WelcomeWords words, ClaimsPrincipal who, CancellationToken cancellation)
    {
        var wanted = await ReadAsync<BroadcastRequest>(request, cancellation);
        if (wanted is { SendAt: not null, Options.Local: not null }) throw new BadInputException("sendAt", "follows from options.local.at: leave one of the two out.");
        await law.RequireAsync(db, wanted.Template, cancellation);
        foreach (var version in wanted.Options?.Test is { Of: TestOf.Template } test ? [test.A, test.B] : Array.Empty<string>()) await law.RequireAsync(db, version, cancellation);
        var now = clock.GetUtcNow();
        var asked = new NewBroadcast(
            wanted.Name ?? "", wanted.Template ?? "", wanted.Audience ?? new Audience(), wanted.SendAt, wanted.ValidUntil, wanted.OverCap ?? OverCap.Skip,
            wanted.Approach, wanted.Priority, wanted.CollapseKey)
        {
            Options = wanted.Options ?? BroadcastOptions.None,
        };
        var broadcast = broadcasts.Create(db, asked, who.Identity!.Name!, now);
        var unwelcome = await WelcomeScores.UnwelcomeAsync(db, now, asked.Templates, cancellation);
        await db.SaveChangesAsync(cancellation);
        work.Wake();
        return TypedResults.Created(
            $"/api/broadcasts/{broadcast.Id}", await ViewAsync(db, broadcast, cancellation) with { Warnings = [.. unwelcome.Select(score => TemplateWarningView.Of(score, words))] });
    }

    internal static async Task<Results<Ok<BroadcastView>, NotFound>> GetAsync(Guid id, AutomationDb db, CancellationToken cancellation) =>
        await db.Broadcasts.AsNoTracking().SingleOrDefaultAsync(broadcast => broadcast.Id == id, cancellation) is { } broadcast
            ? TypedResults.Ok(await ViewAsync(db, broadcast, cancellation))
            : TypedResults.NotFound();

    internal static async Task<Results<NoContent, NotFound>> DeleteAsync(Guid id, AutomationDb db, Broadcasts broadcasts, CancellationToken cancellation)
    {
        if (!await db.Broadcasts.AnyAsync(broadcast => broadcast.Id == id, cancellation)) return TypedResults.NotFound();
        await broadcasts.StopAsync(id, cancellation);
        return TypedResults.NoContent();
    }

    internal static async Task<Ok<AudienceCountView>> PostCountAsync(HttpRequest request, AutomationDb db, TimeProvider clock, CancellationToken cancellation)
    {
        var audience = await ReadAsync<Audience>(request, cancellation);
        Audiences.Check(audience, "");
        var zone = LocalTime.ZoneOr((await db.ShopAsync(cancellation)).TimeZone, TimeZoneInfo.Utc);
        return TypedResults.Ok(new AudienceCountView(await Audiences.CountAsync(db, audience, LocalTime.DayOf(clock.GetUtcNow(), zone), cancellation)));
    }

    private static async Task<T> ReadAsync<T>(HttpRequest request, CancellationToken cancellation)
    {
        using var json = await RequestJson.ReadAsync(request, cancellation);
        try
        {
            return json.Deserialize<T>(Strict) ?? throw new BadInputException("(body)", "must be an object.");
        }
        catch (JsonException bad)
        {
            throw new BadInputException(bad.Path?.TrimStart('$', '.') is { Length: > 0 } field ? field : "(body)", "is not a declared field, or has the wrong type.");
        }
    }

    private static async Task<BroadcastView> ViewAsync(AutomationDb db, Broadcast broadcast, CancellationToken cancellation)
    {
        var origin = broadcast.Id.ToString("N");
        var (people, decided) = await Broadcasts.ProgressAsync(db, broadcast, cancellation);
        var account = await db.OutboxMessages.Where(message => message.OriginId == origin).GroupBy(message => new { message.State, message.Rule })
            .Select(group => new { group.Key.State, group.Key.Rule, Count = group.Count() }).ToListAsync(cancellation);
        var report = await BroadcastReport.OfAsync(db, broadcast, cancellation);
        return new BroadcastView(
            broadcast.Id, broadcast.Name, broadcast.Template, broadcast.State.ToString(), broadcast.SendAt, broadcast.StartedAt, broadcast.FinishedAt,
            people, decided,
            [
                .. account.OrderBy(line => line.State.ToString()).ThenBy(line => line.Rule).Select(line => new AccountLineView(line.State.ToString(), line.Rule, line.Count)),
                .. (report?.Apart ?? new Dictionary<SetApart, int>()).OrderBy(line => line.Key).Select(line => new AccountLineView(line.Key.ToString(), "", line.Value)),
            ],
            AsSent(broadcast.Audience), broadcast.ValidUntil, broadcast.OverCap.ToString(), broadcast.Approach.ToString(), broadcast.Priority, broadcast.CollapseKey, AsSent(broadcast.Options),
            broadcast.Winner, report is null ? null : BroadcastReportView.Of(report),
            [.. (await CarryingOn.OfAsync(db, broadcast.Id, cancellation)).Select(one => new CarriedOnView(one.At, one.Decided, one.Sent))]);
    }

    // What was asked for, in the words in which it was.
    private static JsonElement AsSent(string json)
    {
        using var document = JsonDocument.Parse(json);
        return document.RootElement.Clone();
    }
}

internal sealed record BroadcastRequest(
    string? Name, string? Template, Audience? Audience, DateTimeOffset? SendAt, DateTimeOffset? ValidUntil, OverCap? OverCap, Approach? Approach, int? Priority,
    string? CollapseKey, BroadcastOptions? Options = null);

/// <param name="Account">Everyone who was decided, by state and rule; HeldOut, HourPast and OnPaper got no mail by the broadcast's own options.</param>
/// <param name="Winner">Of a test: the version that the rest get, <c>A</c> or <c>B</c>; null: none, or not yet.</param>
/// <param name="Report">Null: it goes to everybody at once, or has not begun.</param>
/// <param name="CarriedOn">Starts of the service that found it under way, with how far it was.</param>
internal sealed record BroadcastView(
    Guid Id, string Name, string Template, string State, DateTimeOffset SendAt, DateTimeOffset? StartedAt, DateTimeOffset? FinishedAt, int Recipients, int Decided,
    IReadOnlyList<AccountLineView> Account, JsonElement Audience, DateTimeOffset? ValidUntil, string OverCap, string Approach, int Priority, string? CollapseKey,
    JsonElement Options, string? Winner, BroadcastReportView? Report, IReadOnlyList<CarriedOnView> CarriedOn)
{
    /// <summary>Templates that were not welcome so far: told to whoever makes a broadcast of them, and to nobody later (null).</summary>
    public IReadOnlyList<TemplateWarningView>? Warnings { get; init; }
}

/// <param name="Message">In the language that the caller accepts.</param>
/// <param name="Score">For every 1,000 mails of the last twelve months; below zero.</param>
internal sealed record TemplateWarningView(
    string Template, string Message, double Score, int Mails, int Replied, int Clicked, int Ordered, int Unsubscribed, int Complained)
{
    public static TemplateWarningView Of(WelcomeScore score, WelcomeWords words) => new(
        score.Template, words.Warning(score), score.Score ?? 0, score.Mails, score.Replied, score.Clicked, score.Ordered, score.Unsubscribed, score.Complained);
}

internal sealed record AccountLineView(string State, string Rule, int Count);

internal sealed record CarriedOnView(DateTimeOffset At, int Decided, int Sent);

/// <param name="HoldOut">Null: nobody was held out.</param>
internal sealed record BroadcastReportView(IReadOnlyList<VersionView> Versions, IReadOnlyList<ZoneView> Zones, HoldOutView? HoldOut, PaperView Paper)
{
    public static BroadcastReportView Of(BroadcastReport report) => new(
        [.. report.Versions.Select(one => new VersionView(one.Version, one.People, one.Sent, one.Clicked, one.Bought, one.Net))],
        [.. report.Zones.Select(one => new ZoneView(one.Zone, one.People, one.Sent, one.Waiting, one.HourPast))],
        report.HoldOut is { } beside ? new HoldOutView(beside.Days, beside.For, beside.Bought, beside.HeldOut, beside.HeldOutBought) : null,
        new PaperView(report.Paper.ToPost, report.Paper.ToCall, report.Paper.Done, report.Paper.LeftOut));
}

/// <param name="Version"><c>A</c>, <c>B</c>, or empty: the rest.</param>
/// <param name="Sent">Mails that left, and cards and calls that were marked as done.</param>
/// <param name="Net">What the buyers among them bought for.</param>
internal sealed record VersionView(string Version, int People, int Sent, int Clicked, int Bought, decimal Net);

internal sealed record ZoneView(string Zone, int People, int Sent, int Waiting, int HourPast);

/// <param name="Days">From the first on in which a purchase counts.</param>
internal sealed record HoldOutView(int Days, int For, int Bought, int HeldOut, int HeldOutBought);

internal sealed record PaperView(int ToPost, int ToCall, int Done, int LeftOut);

internal sealed record AudienceCountView(int People);
