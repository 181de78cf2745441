using Automation.Marketing.Campaigns.Paper;
using Automation.Marketing.Contacts.Consent;
using Automation.Marketing.Deals;
using Automation.Marketing.Journeys;
using Automation.Marketing.Journeys.Control;
using Automation.Marketing.Mail;
using Automation.Marketing.Mail.Events;
using Automation.Server.Pages.Flows;
using Microsoft.Extensions.Localization;

namespace Automation.Server.Wording;

/// <summary>How one line of a timeline looks and reads.</summary>
/// <param name="Icon">Name of the icon, without its prefix.</param>
/// <param name="Colour">Empty: the usual one.</param>
/// <param name="Link">Where it leads.</param>
public sealed record StoryLine(string Icon, string Colour, string What, string? More = null, string? Why = null, string? Link = null);

/// <summary>Tells a person's timeline in words.</summary>
public sealed class Story(IStringLocalizer words, Show show, Reasons reasons)
{
    public StoryLine Of(TimelineEntry entry) => entry switch
    {
        TimelineEntry.Reported { Event: var e } => new("activity", "grey", EventName(e.Type), words["reported by {0}", e.Source]),
        TimelineEntry.Bought bought => OfPurchase(bought),
        TimelineEntry.Stepped stepped => OfStep(stepped),
        TimelineEntry.Mailed mailed => OfMail(mailed.Message, mailed.Origin),
        TimelineEntry.Responded { Event: var e, Subject: var subject } => OfResponse(e, subject),
        TimelineEntry.Consented { Entry: var e } => OfConsent(e),
        TimelineEntry.HandedBack { HandBack: var h, DealKey: var deal } => new(
            "arrow-back-up", "orange", h.UndoneAt is null ? words["Deal {0} was handed back: {1}", deal, show.Reason(h.Reason)] : words["Deal {0} was handed back by mistake and taken back", deal],
            string.Join(" · ", new[] { h.RevisitOn is { } day ? words["contact again on {0}", show.Day(day)].Value : null, h.Note, h.Actor }.Where(part => !string.IsNullOrEmpty(part))),
            Link: $"/deals/{h.DealId}"),
        TimelineEntry.OnPaper { Send: var send, Broadcast: var broadcast } => OfPaper(send, broadcast),
        _ => new("point", "grey", ""),
    };

    /// <summary>What the well-known events are called; others keep the source's name.</summary>
    public string EventName(string type) => type switch
    {
        "signup" or "newsletter.signup" or "newsletter.subscribed" => words["Signed up for the newsletter"],
        "purchase" or "order.placed" => words["Placed an order"],
        "lead.created" => words["Became known"],
        "document.downloaded" => words["Downloaded a document"],
        "deal.handed-back" => words["Deal handed back"],
        "cart.abandoned" => words["Left a cart behind"],
        "form.submitted" => words["Sent a form"],
        "quote.requested" => words["Asked for a quote"],
        "contact.requested" => words["Asked to be contacted"],
        "mail.replied" => words["Replied to a mail"],
        "page.viewed" => words["Looked at a page"],
        "seminar.attended" => words["Attended a seminar"],
        "mail.opened" => words["Opened a mail"],
        "deal.opened" => words["A deal was opened"],
        "deal.won" => words["A deal was won"],
        "complaint.opened" => words["Complained"],
        "order.cancelled" => words["Cancelled an order"],
        "review.posted" => words["Wrote a review"],
        "mail.clicked" => words["Clicked a link in a mail"],
        "repurchase.due" => words["Is due to buy again"],
        "repurchase.lapsed" => words["Is late to buy again"],
        "repurchase.dormant" => words["Has long not bought again"],
        _ => type,
    };

    /// <summary>What a trigger listens for.</summary>
    public string TriggerKey(FlowTrigger trigger) => trigger.Name.EndsWith(".EventReceived", StringComparison.Ordinal)
        ? EventName(trigger.Key)
        : trigger.Key == HandingBack.Revisit ? words["with a revisit date"]
        : HandBackReasons.TryParse(trigger.Key, out var reason) ? show.Reason(reason) : trigger.Key;

    /// <summary>What somebody did to a flow.</summary>
    public string ActionName(FlowAction action) => action.What switch
    {
        FlowAction.Published => words["Published"],
        FlowAction.Retracted => words["Retracted"],
        FlowAction.Reverted => words["An earlier version was taken up again"],
        FlowAction.Deleted => words["Deleted"],
        FlowAction.Paused => words["Paused"],
        FlowAction.Resumed => words["Resumed"],
        FlowAction.Stopped => words["All runs ended by hand"],
        FlowAction.Migrated => words["People moved to another version"],
        FlowAction.EntryHeld => words["Too many entries in an hour: nobody is let in"],
        FlowAction.EntryReleased => words["Opened again"],
        FlowAction.Missed => words["A day of the calendar was missed"],
        var other => other,
    };

    /// <summary>What a provider's report means.</summary>
    public string ResponseName(string kind) => kind.ToLowerInvariant() switch
    {
        "processed" => words["Taken by the provider"],
        "deferred" => words["Delayed by the recipient's server"],
        "delivered" => words["Delivered"],
        "open" => words["Opened"],
        "click" => words["Clicked"],
        "bounce" => words["Bounced: the address does not exist"],
        "blocked" => words["Refused by the recipient's server this time"],
        "dropped" => words["Dropped by the provider"],
        "spamreport" => words["Reported our mail as spam"],
        "unsubscribe" or "groupunsubscribe" or "group_unsubscribe" => words["Unsubscribed"],
        "groupresubscribe" or "group_resubscribe" => words["Subscribed again"],
        _ => kind,
    };

    /// <summary>How far the stand-in says a mail has come.</summary>
    public string MailboxState(string state) => state switch
    {
        "accepted" => words["Taken"],
        "opened" => words["Opened"],
        "clicked" => words["Clicked"],
        "bounced" => words["Bounced: the address does not exist"],
        "unsubscribed" => words["Unsubscribed"],
        "complained" => words["Reported our mail as spam"],
        _ => ResponseName(state),
    };

    public static string ResponseColour(string kind) => kind.ToLowerInvariant() switch
    {
        "delivered" or "open" or "click" => "green",
        "bounce" or "dropped" or "spamreport" => "red",
        "blocked" or "deferred" => "yellow",
        "unsubscribe" or "groupunsubscribe" or "group_unsubscribe" => "orange",
        _ => "grey",
    };

    /// <summary>An activity's name for people.</summary>
    public string StepName(string activityType) => activityType[(activityType.LastIndexOf('.') + 1)..] switch
    {
        "EventReceived" => words["Start by an event"],
        "SegmentEntered" => words["Start on entering a segment"],
        "SegmentLeft" => words["Start on leaving a segment"],
        "DateReached" => words["Start on a date"],
        "CalendarOccurrence" => words["Start by the calendar"],
        "ScoreCrossed" => words["Start by score"],
        "HandedBack" => words["Start by a hand-back"],
        "SendEmail" => words["Send a mail"],
        "WaitForEvent" => words["Wait for an event"],
        "WaitUntil" => words["Wait until a date"],
        "WaitForAnchor" => words["Wait for a season day"],
        "UpdateContact" => words["Update the profile"],
        "AddTag" => words["Add a tag"],
        "RemoveTag" => words["Remove a tag"],
        "NotifyOwner" => words["Notify the owner"],
        "CreateTask" => words["Create a task"],
        "HandOff" => words["Hand off to sales"],
        "RandomSplit" => words["Random split"],
        "Delay" => words["Wait a while"],
        "If" or "FlowDecision" => words["Decide"],
        "FlowSwitch" or "Switch" => words["Choose a branch"],
        "Finish" or "End" => words["End"],
        "Flowchart" or "Workflow" => words["Flow"],
        var other => other,
    };

    private StoryLine OfPaper(PaperSend send, string broadcast) => send.State switch
    {
        PaperState.Done => new(
            send.Way is PaperWay.Post ? "mailbox" : "phone", "green", send.Way is PaperWay.Post ? words["A postcard was posted"] : words["Was called"], $"{broadcast} · {send.DoneBy}",
            Link: $"/broadcasts/{send.BroadcastId}/paper"),
        PaperState.Listed => new(
            send.Way is PaperWay.Post ? "mailbox" : "phone", "grey", send.Way is PaperWay.Post ? words["Is on the list for a postcard"] : words["Is on the list for a call"], broadcast,
            Link: $"/broadcasts/{send.BroadcastId}/paper"),
        _ => new("mailbox-off", "grey", words["Was left off the list for postcards and calls"], broadcast, reasons.Name(send.Rule), $"/broadcasts/{send.BroadcastId}/paper"),
    };

    private StoryLine OfPurchase(TimelineEntry.Bought bought)
    {
        var total = bought.Lines.Sum(line => line.Net);
        var items = string.Join(" · ", bought.Lines.Select(line => line.Product ?? line.Category).Where(name => name is not null).Distinct().Take(4));
        var currency = bought.Lines[0].Currency;
        return total < 0
            ? new("package-import", "yellow", words["Returned goods for {0}", show.Money(-total, currency)], items)
            : new("shopping-bag", "green", words["Bought for {0}", show.Money(total, currency)], items);
    }

    private StoryLine OfStep(TimelineEntry.Stepped stepped)
    {
        var step = stepped.Step;
        var happened = step.Happened switch
        {
            "Started" => words["begun"],
            "Completed" => words["done"],
            "Suspended" => words["waiting"],
            "Resumed" => words["went on"],
            "Faulted" => words["stopped by an error"],
            "Canceled" or "Cancelled" => words["ended early"],
            var other => other,
        };
        return new("route", step.Happened is "Faulted" ? "red" : "", words["{0}: {1}", StepName(step.ActivityType), happened],
            string.Join(" · ", new[] { Show.FlowName(stepped.Flow), Outcome(step) }.Where(part => part.Length > 0)), Link: FlowHead.AddressOf(stepped.DefinitionId) + "/runs/" + step.InstanceId);
    }

    private string Outcome(FlowStep step) => step.Detail switch
    {
        "Done" => "",
        "Received" => words["it happened"],
        "TimedOut" => words["it did not happen in time"],
        "True" => words["yes"],
        "False" => words["no"],
        var late when late.StartsWith(Marketing.Journeys.Activities.LateSteps.Outcome + ",", StringComparison.Ordinal) => words["left out: its date had passed"],
        var detail when Enum.TryParse<MessageState>(detail, out var state) => show.State(state),
        var detail => detail,
    };

    private StoryLine OfMail(OutboxMessage mail, string origin)
    {
        var subject = mail.Subject ?? mail.Template;
        var what = mail.State switch
        {
            MessageState.Sent => words["Mail sent: {0}", subject],
            MessageState.Deferred => words["Mail waits: {0}", subject],
            MessageState.Queued or MessageState.Sending => words["Mail on its way: {0}", subject],
            MessageState.Uncertain => words["Mail with unknown outcome: {0}", subject],
            _ => words["Mail not sent: {0}", subject],
        };
        var colour = mail.State switch
        {
            MessageState.Sent => "green",
            MessageState.Deferred => "yellow",
            MessageState.Queued or MessageState.Sending => "",
            MessageState.Uncertain or MessageState.Failed => "red",
            _ => "orange",
        };
        var why = mail.State is MessageState.Sent ? null : string.Join(" ", new[] { reasons.Why(mail), reasons.Next(mail) }.Where(part => !string.IsNullOrEmpty(part)));
        return new(mail.State is MessageState.Sent ? "mail" : mail.State is MessageState.Deferred ? "mail-pause" : "mail-off", colour, what,
            string.Join(" · ", new[] { Show.FlowName(origin), show.State(mail.State) }.Where(part => part.Length > 0)), string.IsNullOrEmpty(why) ? null : why, $"/mails/{mail.Id}");
    }

    private StoryLine OfResponse(DeliveryEvent response, string subject) => new(
        response.Kind.ToLowerInvariant() switch { "open" => "mail-opened", "click" => "click", "delivered" => "checks", _ => "mail-exclamation" },
        ResponseColour(response.Kind),
        subject.Length == 0 ? ResponseName(response.Kind) : words["{0}: {1}", ResponseName(response.Kind), subject],
        response.Machine ? words["by a mail program, not by the person"].Value : response.Url,
        Link: response.MessageId is { } mail ? $"/mails/{mail}" : null);

    private StoryLine OfConsent(ConsentEntry entry) => new(
        entry.State is ConsentState.Granted ? "user-check" : entry.State is ConsentState.Withdrawn ? "user-x" : "user-question",
        entry.State is ConsentState.Granted ? "green" : entry.State is ConsentState.Withdrawn ? "red" : "yellow",
        words["Consent: {0}", show.State(entry.State)],
        string.Join(" · ", new[] { show.Basis(entry.Basis), entry.Source, entry.Evidence }.Where(part => !string.IsNullOrEmpty(part))));
}
