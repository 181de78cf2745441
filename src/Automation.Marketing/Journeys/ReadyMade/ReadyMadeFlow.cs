using System.Text.Json.Nodes;
using Automation.Marketing.Campaigns;
using Automation.Marketing.Deals;

namespace Automation.Marketing.Journeys.ReadyMade;

/// <summary>A flow made from a form of one page instead of a drawing. What it makes can be drawn on like any other.</summary>
/// <param name="Goal">The event that ends a run as a success; null: none.</param>
/// <param name="Sells">Whether any of its mails sells: A1 or A2.</param>
public abstract record ReadyMadeFlow(string Name, string? Goal, bool Sells)
{
    /// <summary>The definition as JSON, without an id.</summary>
    public abstract string ToJson();

    private protected JsonObject Settings(int priority, JsonObject reentry, params string[] exits)
    {
        var settings = new JsonObject
        {
            ["exits"] = new JsonArray([.. exits.Append("complaint.opened").Select(exit => (JsonNode)new JsonObject { ["event"] = exit })]),
            ["reentry"] = reentry,
            ["approach"] = Sells ? "A2" : "A3",
            ["priority"] = priority,
        };
        if (Goal is { Length: > 0 }) settings.Insert(0, "goal", new JsonObject { ["event"] = Goal });
        return settings;
    }

    /// <summary>A Scriban condition that holds for the people meant; null: for everybody.</summary>
    private protected static string? Only(string? tag, string? prefecture)
    {
        var conditions = new List<string>();
        if (!string.IsNullOrWhiteSpace(tag)) conditions.Add($"(contact.tags | array.contains {Quoted(tag)})");
        if (!string.IsNullOrWhiteSpace(prefecture)) conditions.Add($"contact.prefecture == {Quoted(prefecture)}");
        return conditions.Count == 0 ? null : string.Join(" && ", conditions);
    }

    private static string Quoted(string text) => "\"" + text.Trim().Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal) + "\"";
}

/// <param name="Days">After the mail before it, or after the beginning; 0: at once.</param>
public sealed record MailInRow(string Template, int Days);

/// <summary>Mails in a row for somebody who is new, once in a lifetime.</summary>
/// <param name="Event">What begins it, e.g. <c>newsletter.subscribed</c>.</param>
/// <param name="Mails">At least one.</param>
public sealed record WelcomeFlow(string Name, string? Goal, bool Sells, string Event, string? Tag, string? Prefecture, IReadOnlyList<MailInRow> Mails) : ReadyMadeFlow(Name, Goal, Sells)
{
    public override string ToJson()
    {
        var maker = new FlowMaker().Step("begin", "Automation.EventReceived", "はじめての出来事 / A first contact", 0, 0, ("eventType", Event), ("where", Only(Tag, Prefecture)));
        var (before, column) = ("begin", 1);
        foreach (var (number, mail) in Mails.Select((mail, index) => (index + 1, mail)))
        {
            if (mail.Days > 0)
            {
                maker.Wait($"wait-{number}", mail.Days, column++);
                before = Join(maker, before, $"wait-{number}");
            }
            maker.Mail($"mail-{number}", $"{number}通目 / Mail {number}", mail.Template, column++, 0);
            before = Join(maker, before, $"mail-{number}");
        }
        return maker.Json(Name, "", Settings(50, new JsonObject { ["mode"] = "once" }));
    }

    private static string Join(FlowMaker maker, string from, string to)
    {
        if (from.StartsWith("mail-", StringComparison.Ordinal)) maker.AfterMail(from, to);
        else maker.Line(from, "Done", to);
        return to;
    }
}

/// <summary>What somebody gets whom sales has handed back, by the reason; on the next working day, and something more some weeks later.</summary>
/// <param name="Mails">The template for each reason that is meant; at least one.</param>
/// <param name="Time">Local time, e.g. <c>10:00</c>.</param>
/// <param name="FollowUp">Null: nothing more.</param>
/// <param name="TellOwner">The owner of the deal is told of a click in the last mail.</param>
public sealed record HandBackFlow(
    string Name, string? Goal, bool Sells, IReadOnlyDictionary<HandBackReason, string> Mails, string Time, MailInRow? FollowUp, bool TellOwner) : ReadyMadeFlow(Name, Goal, Sells)
{
    public override string ToJson()
    {
        var maker = new FlowMaker()
            .Step("begin", "Automation.HandedBack", "営業から差し戻し / Handed back by sales", 0, 0, ("reasons", string.Join(',', Mails.Keys.Order().Select(reason => reason.Word()))))
            .Step("morning", "Automation.WaitUntil", $"翌営業日の{Time} / Next working day, {Time}", 1, 0, ("until", $"next-business-day {Time}"))
            .Line("begin", "Done", "morning");
        var reasons = Mails.OrderBy(pair => pair.Key).ToList();
        maker.Choice("reason", "理由で分ける / By reason", 2, 0, reasons.Select(pair => (Label(pair.Key), $"event.data.reason == \"{pair.Key.Word()}\""))).Line("morning", "Done", "reason");
        foreach (var (at, (reason, template)) in reasons.Index())
        {
            var id = "mail-" + reason.Word();
            maker.Mail(id, Label(reason), template, 3, at - (reasons.Count - 1) / 2.0).Line("reason", Label(reason), id);
            if (FollowUp is not null) maker.AfterMail(id, "later");
        }
        if (FollowUp is not null) maker.Wait("later", FollowUp.Days, 4).Mail("follow-up", "その後の一通 / Something more", FollowUp.Template, 5, 0).Line("later", "Done", "follow-up");
        if (TellOwner && FollowUp is not null)
        {
            maker.Step("clicked", "Automation.WaitForEvent", "二週間のうちにクリック？ / A click within 2 weeks?", 6, 0,
                    ("eventType", "mail.clicked"), ("where", $"event.data.template == \"{FollowUp.Template}\""), ("timeout", "P14D")).Line("follow-up", "Sent", "clicked")
                .Step("tell", "Automation.NotifyOwner", "担当に知らせる / Tell the owner", 7, 0,
                    ("message", "差し戻した方がメールのリンクを開きました。 / A person you handed back has opened a link in the mail.")).Line("clicked", "Received", "tell");
        }
        return maker.Json(Name, "", Settings(55, new JsonObject { ["mode"] = "restart" }, "deal.opened"));
    }

    private static string Label(HandBackReason reason) => reason switch
    {
        HandBackReason.TooEarly => "時期尚早 / Too early",
        HandBackReason.Budget => "予算なし / No budget",
        HandBackReason.Competitor => "他社に決定 / Chose a competitor",
        HandBackReason.NoContact => "連絡が取れない / Cannot be reached",
        HandBackReason.NoFit => "対象外 / Not a fit",
        _ => "重複 / Duplicate",
    };
}

/// <summary>One mail to an audience, days before a day of the season calendar, each year; perhaps a second, closer to the day, to whoever did not react.</summary>
/// <param name="DaysBefore">0: on the day itself.</param>
/// <param name="ValidDays">How long it stays worth sending.</param>
/// <param name="Second">Its days, too, are days before the day; fewer by <see cref="LeastBetween"/> or more. Null: none.</param>
public sealed record SeasonFlow(
    string Name, string? Goal, bool Sells, string Anchor, int DaysBefore, string Time, Audience Audience, string Template, int ValidDays, MailInRow? Second = null) : ReadyMadeFlow(Name, Goal, Sells)
{
    /// <summary>Days from the first mail to the second: closer together they would be one too many.</summary>
    public const int LeastBetween = 3;

    public override string ToJson()
    {
        var maker = new FlowMaker()
            .Step("begin", "Automation.CalendarOccurrence", $"{Anchor} {DaysBefore}日前 / {DaysBefore} days before {Anchor}", 0, 0,
                ("anchor", Anchor), ("lead", $"-{DaysBefore}d {Time}"), ("audience", Audience.ToJson()))
            .Mail("mail", "季節のご案内 / Season mail", Template, 1, 0, ValidDays)
            .Line("begin", "Done", "mail");
        var settings = Settings(60, new JsonObject { ["mode"] = "after-exit", ["coolDown"] = "P30D" });
        if (Second is { } second)
        {
            // A day less than lies between: the first may have waited for its hour. One that comes later still stays the only one.
            maker.Wait("rest", LeastBetween - 1, 2).Line("mail", "Sent", "rest")
                .Step("closer", "Automation.WaitForAnchor", $"{Anchor} {second.Days}日前 / {second.Days} days before {Anchor}", 3, 0,
                    ("anchor", Anchor), ("lead", $"-{second.Days}d {Time}")).Line("rest", "Done", "closer")
                .Mail("second", "反応がない方へもう一度 / A second word, if nothing came", second.Template, 4, 0, Math.Clamp(second.Days, 1, ValidDays)).Line("closer", "Done", "second");
            // No step waits for a reaction: whenever it comes, also while the second mail waits, it ends the run.
            settings["exits"]!.AsArray().Add(new JsonObject { ["event"] = "mail.clicked", ["where"] = $"event.data.template == \"{Template}\"" });
            settings["exits"]!.AsArray().Add(new JsonObject { ["event"] = "mail.replied" });
        }
        return maker.Json(Name, "", settings);
    }
}

/// <summary>One mail some days after an event, not more often than somebody likes to be thanked.</summary>
/// <param name="CoolDownDays">At least so many days between two.</param>
public sealed record ThanksFlow(
    string Name, string? Goal, bool Sells, string Event, string? Tag, string? Prefecture, int Days, string Template, int CoolDownDays) : ReadyMadeFlow(Name, Goal, Sells)
{
    public override string ToJson()
    {
        var maker = new FlowMaker().Step("begin", "Automation.EventReceived", "お買い上げ / A purchase", 0, 0, ("eventType", Event), ("where", Only(Tag, Prefecture)));
        if (Days > 0) maker.Wait("wait", Days, 1).Line("begin", "Done", "wait");
        return maker.Mail("thanks", "お礼 / Thanks", Template, Days > 0 ? 2 : 1, 0).Line(Days > 0 ? "wait" : "begin", "Done", "thanks")
            .Json(Name, "", Settings(45, new JsonObject { ["mode"] = "after-exit", ["coolDown"] = $"P{CoolDownDays}D" }, "order.cancelled"));
    }
}
