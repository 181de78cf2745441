using System.Globalization;
using Automation.Marketing;
using Automation.Marketing.Campaigns;
using Automation.Marketing.Campaigns.Calendar;
using Automation.Marketing.Contacts.Connections;
using Automation.Marketing.Contacts.Consent;
using Automation.Marketing.Deals;
using Automation.Marketing.Journeys;
using Automation.Marketing.Journeys.Control;
using Automation.Marketing.Mail;
using Automation.Marketing.Mail.Law;
using Automation.Marketing.Mail.Suppression;
using Automation.Marketing.Storage;
using Microsoft.Extensions.Localization;

namespace Automation.Server.Wording;

/// <summary>Writes instants, numbers and states for the person in front of the screen: their language, the workspace's zone.</summary>
public sealed class Show(IStringLocalizer words, TimeProvider clock)
{
    /// <summary>Who sends, and in which zone times are shown; set before each page runs.</summary>
    public ShopIdentity Shop { get; private set; } = ShopIdentity.Unnamed;

    public TimeZoneInfo Zone { get; private set; } = TimeZoneInfo.FindSystemTimeZoneById(ShopIdentity.Unnamed.TimeZone);

    public DateTimeOffset Now => clock.GetUtcNow();

    public DateOnly Today => DayOf(Now);

    internal void For(ShopIdentity shop)
    {
        Shop = shop;
        if (TimeZoneInfo.TryFindSystemTimeZoneById(shop.TimeZone, out var zone)) Zone = zone;
    }

    /// <returns>E.g. <c>6 Nov 2026, 10:00</c>, <c>2026年11月6日 10:00</c>.</returns>
    public string Time(DateTimeOffset instant) => Format(TimeZoneInfo.ConvertTime(instant, Zone), Words.SpeaksJapanese ? "yyyy年M月d日 H:mm" : "d MMM yyyy, HH:mm");

    public string Time(DateTimeOffset? instant) => instant is { } given ? Time(given) : "–";

    /// <summary>Day and hour of a clock, whosever it is.</summary>
    public static string WallTime(DateTime local) => local.ToString(Words.SpeaksJapanese ? "yyyy年M月d日 H:mm" : "d MMM yyyy, HH:mm", CultureInfo.CurrentCulture);

    /// <returns>E.g. <c>Fri 6 Nov, 10:00</c>: for lists in which the year is plain.</returns>
    public string ShortTime(DateTimeOffset instant)
    {
        var local = TimeZoneInfo.ConvertTime(instant, Zone);
        var sameYear = local.Year == Today.Year;
        return Format(local, (Words.SpeaksJapanese, sameYear) switch
        {
            (true, true) => "M月d日(ddd) H:mm",
            (true, false) => "yyyy年M月d日 H:mm",
            (false, true) => "ddd d MMM, HH:mm",
            _ => "d MMM yyyy, HH:mm",
        });
    }

    /// <returns>E.g. <c>9:05</c>: for what happened just now.</returns>
    public string Clock(DateTimeOffset instant) => Format(TimeZoneInfo.ConvertTime(instant, Zone), Words.SpeaksJapanese ? "H:mm" : "HH:mm");

    public string Day(DateOnly day) => day.ToString(Words.SpeaksJapanese ? "yyyy年M月d日(ddd)" : "ddd d MMM yyyy", CultureInfo.CurrentCulture);

    public string Day(DateOnly? day) => day is { } given ? Day(given) : "–";

    public DateOnly DayOf(DateTimeOffset instant) => DateOnly.FromDateTime(TimeZoneInfo.ConvertTime(instant, Zone).DateTime);

    /// <summary>The instant at which a local day begins.</summary>
    public DateTimeOffset StartOf(DateOnly day) => LocalTime.InstantOf(day, TimeOnly.MinValue, Zone);

    /// <returns>E.g. <c>in 3 days</c>, <c>tomorrow</c>.</returns>
    public string Ahead(DateTimeOffset instant) => (DayOf(instant).DayNumber - Today.DayNumber) switch
    {
        <= 0 => words["today"],
        1 => words["tomorrow"],
        var days => words["in {0} days", Number(days)],
    };

    public string People(int people) => people == 1 ? words["1 person"] : words["{0} people", Number(people)];

    public string Number(long number) => number.ToString("N0", CultureInfo.CurrentCulture);

    /// <returns>E.g. <c>3.4 %</c>; a dash of none.</returns>
    public static string Share(long part, long whole) => whole == 0 ? "–" : (100.0 * part / whole).ToString("0.#", CultureInfo.CurrentCulture) + " %";

    // The yen of C0 in ja-JP is the full-width sign, which fonts for screens draw too wide.
    public string Money(decimal amount, string currency = "JPY") => currency switch
    {
        "JPY" when Words.SpeaksJapanese => amount.ToString("#,##0", CultureInfo.CurrentCulture) + "円",
        "JPY" => (amount < 0 ? "-¥" : "¥") + Math.Abs(amount).ToString("#,##0", CultureInfo.CurrentCulture),
        _ => amount.ToString("#,##0.00", CultureInfo.CurrentCulture) + " " + currency,
    };

    public static string OrDash(string? text) => string.IsNullOrEmpty(text) ? "–" : text;

    public string State(MessageState state) => state switch
    {
        MessageState.Deferred => words["Waiting"],
        MessageState.Queued => words["Queued"],
        MessageState.Sending => words["Sending"],
        MessageState.Sent => words["Sent"],
        MessageState.Uncertain => words["Outcome unknown"],
        MessageState.Failed => words["Failed"],
        MessageState.Expired => words["Expired"],
        MessageState.Skipped => words["Skipped"],
        MessageState.Suppressed => words["Not allowed"],
        _ => words["Cancelled"],
    };

    public static string Colour(MessageState state) => state switch
    {
        MessageState.Sent => "green",
        MessageState.Queued or MessageState.Sending => "azure",
        MessageState.Deferred => "yellow",
        MessageState.Uncertain or MessageState.Failed => "red",
        MessageState.Suppressed => "orange",
        _ => "secondary",
    };

    public string State(ConsentState state) => state switch
    {
        ConsentState.Granted => words["Agreed to mail"],
        ConsentState.Pending => words["Confirmation pending"],
        ConsentState.Withdrawn => words["Opted out"],
        _ => words["Never asked"],
    };

    public static string Colour(ConsentState state) => state switch
    {
        ConsentState.Granted => "green",
        ConsentState.Pending => "yellow",
        ConsentState.Withdrawn => "red",
        _ => "secondary",
    };

    public string Basis(ConsentBasis basis) => basis switch
    {
        ConsentBasis.OptIn => words["Opt-in"],
        ConsentBasis.DoubleOptIn => words["Double opt-in"],
        ConsentBasis.ExistingRelationship => words["Existing relationship"],
        ConsentBasis.BusinessCard => words["Business card"],
        ConsentBasis.PublishedAddress => words["Published address"],
        _ => words["Own withdrawal"],
    };

    public string State(DealStatus status) => status switch
    {
        DealStatus.Open => words["Open"],
        DealStatus.Won => words["Won"],
        DealStatus.Lost => words["Lost"],
        _ => words["Handed back"],
    };

    public static string Colour(DealStatus status) => status switch
    {
        DealStatus.Open => "blue",
        DealStatus.Won => "green",
        DealStatus.Lost => "secondary",
        _ => "teal",
    };

    public string Reason(HandBackReason reason) => reason switch
    {
        HandBackReason.TooEarly => words["Too early"],
        HandBackReason.Budget => words["No budget"],
        HandBackReason.Competitor => words["Chose a competitor"],
        HandBackReason.NoContact => words["Cannot be reached"],
        HandBackReason.NoFit => words["Not a fit"],
        _ => words["Duplicate"],
    };

    public string Strength(ConnectionStrength strength) => strength switch
    {
        ConnectionStrength.Met => words["has met them"],
        ConnectionStrength.Close => words["is close to them"],
        _ => words["knows them well"],
    };

    public string Kind(InteractionKind kind) => kind switch
    {
        InteractionKind.Call => words["Call"],
        InteractionKind.Visit => words["Visit"],
        InteractionKind.Meeting => words["Meeting"],
        InteractionKind.Mail => words["Mail"],
        _ => words["Other"],
    };

    public string State(InteractionStatus status) => status switch
    {
        InteractionStatus.Done => words["Done"],
        InteractionStatus.NotReached => words["Not reached"],
        _ => words["Planned"],
    };

    public string Reason(ProposalReason reason) => reason switch
    {
        ProposalReason.NotTakenUp => words["handed over, not taken up"],
        _ => words["nothing happened for long"],
    };

    public string Name(PersonHappening happening) => happening switch
    {
        PersonHappening.Complained => words["complained"],
        PersonHappening.CrossSold => words["bought something new (cross-sold)"],
        _ => words["lost the deal"],
    };

    public string Name(NextActionFilter next) => next switch
    {
        NextActionFilter.Due => words["due"],
        NextActionFilter.Planned => words["planned"],
        _ => words["not planned"],
    };

    /// <summary>The occurrence's name in the person's language.</summary>
    public static string Title(Occurrence occurrence) => Words.Either(occurrence.Title, occurrence.TitleEn);

    /// <summary>Flows made for both languages are named in both: <c>ようこそ / Welcome</c>.</summary>
    public static string FlowName(string name) =>
        name.Split(" / ") is [var japanese, var english] ? Words.SpeaksJapanese ? japanese : english : name;

    public string Missed(MissedBecause because) => because switch
    {
        MissedBecause.NotApproved => words["nobody approved it in time"],
        MissedBecause.OutOfStock => words["its goods were out of stock"],
        _ => words["its window had passed before it could go out"],
    };

    public string State(OccurrenceState state) => state switch
    {
        OccurrenceState.Planned => words["Planned"],
        OccurrenceState.Launched => words["Launched"],
        OccurrenceState.Missed => words["Missed"],
        _ => words["Cancelled"],
    };

    public static string Colour(OccurrenceState state) => state switch
    {
        OccurrenceState.Planned => "blue",
        OccurrenceState.Launched => "green",
        OccurrenceState.Missed => "red",
        _ => "secondary",
    };

    public string State(BroadcastState state) => state switch
    {
        BroadcastState.Scheduled => words["Scheduled"],
        BroadcastState.Selecting => words["Selecting people"],
        BroadcastState.Sending => words["Sending"],
        BroadcastState.Done => words["Done"],
        _ => words["Stopped"],
    };

    public static string Colour(BroadcastState state) => state switch
    {
        BroadcastState.Scheduled => "blue",
        BroadcastState.Selecting or BroadcastState.Sending => "azure",
        BroadcastState.Done => "green",
        _ => "secondary",
    };

    public string State(FlowInstanceStatus status) => status switch
    {
        FlowInstanceStatus.Running => words["Running"],
        FlowInstanceStatus.Finished => words["Finished"],
        FlowInstanceStatus.Faulted => words["Stopped by an error"],
        _ => words["Ended early"],
    };

    public static string Colour(FlowInstanceStatus status) => status switch
    {
        FlowInstanceStatus.Running => "azure",
        FlowInstanceStatus.Finished => "green",
        FlowInstanceStatus.Faulted => "red",
        _ => "secondary",
    };

    /// <summary>Who did something to a flow: a person by name, or the product.</summary>
    public string Who(string name) => name switch
    {
        FlowAction.ByItself => words["by itself"],
        FlowAction.Shipped => words["came with the product"],
        _ => name,
    };

    /// <summary>Why a run ended before its end.</summary>
    public string EndReason(string reason) => reason switch
    {
        "goal" => words["goal reached"],
        "exit" or "exit-rule" => words["exit condition met"],
        "unsubscribed" => words["opted out"],
        "complaint" => words["reported as spam"],
        "sales-owned" => words["taken over by sales"],
        "merged" => words["merged with another profile"],
        "erased" => words["erased"],
        "stopped" => words["stopped by hand"],
        "over-cap" => words["limit reached"],
        "hand-back-undone" => words["hand-back undone"],
        "restart" or "restarted" => words["started anew"],
        "expired" => words["time ran out"],
        _ => reason,
    };

    public string Suppression(SuppressionReason reason) => reason switch
    {
        SuppressionReason.Complaint => words["Reported our mail as spam"],
        SuppressionReason.HardBounce => words["The address does not exist"],
        SuppressionReason.Legal => words["Legal objection"],
        SuppressionReason.Manual => words["Taken off by hand"],
        _ => words["Dropped by the provider"],
    };

    public string Kind(Approach approach) => approach switch
    {
        Approach.A1 => words["A1 · everyone evenly"],
        Approach.A2 => words["A2 · selected need"],
        Approach.A3 => words["A3 · care, no selling"],
        _ => words["Transactional"],
    };

    /// <summary>What a rule forbade, in the person's language.</summary>
    public string Rule(RuleBrokenException broken) =>
        broken.Facts.Count == 0 ? words[broken.Phrase] : words[broken.Phrase, [.. broken.Facts.Select(Fact)]];

    private object Fact(object? fact) => fact switch
    {
        MessageState state => State(state),
        DealStatus status => State(status),
        BroadcastState state => State(state),
        OccurrenceState state => State(state),
        FlowInstanceStatus status => State(status),
        LawKeys law => string.Join(words[", "], law.Keys.Select(new LawWords(words).Name)),
        DateOnly day => Day(day),
        DateTimeOffset instant => Time(instant),
        _ => fact ?? "",
    };

    private static string Format(DateTimeOffset local, string format) => local.ToString(format, CultureInfo.CurrentCulture);
}
