using Automation.Marketing.Campaigns;
using Automation.Marketing.Contacts;
using Automation.Marketing.Deals;
using Automation.Marketing.Journeys.Activities;
using Automation.Marketing.Mail.Content;
using Automation.Workflows.Definitions;
using Automation.Workflows.Runtime;

namespace Automation.Marketing.Journeys.Publishing;

/// <summary>What is written into the inputs of our steps can be read, and names that which exists.</summary>
internal sealed class StepRule(ITemplateRenderer renderer, KnownNames known) : IWorkflowRule
{
    public IEnumerable<WorkflowFinding> Check(WorkflowGraph graph) => graph.Steps.SelectMany(Check);

    private IEnumerable<WorkflowFinding> Check(Activity step) => step switch
    {
        EventReceived trigger => Condition(step, trigger.Where),
        WaitForEvent wait => [.. Condition(step, wait.Where), .. Duration(step, wait.Timeout)],
        SendEmail mail => [.. Duration(step, mail.ValidFor), .. Priority(mail)],
        WaitUntil wait => Until(step, wait.Until),
        WaitForAnchor wait => [.. Anchor(step, wait.Anchor), .. Lead(step, wait.Lead)],
        CalendarOccurrence trigger => [.. Anchor(step, trigger.Anchor), .. Lead(step, trigger.Lead), .. AudienceOf(trigger)],
        DateReached trigger => [.. Field(step, trigger.Field, dateOnly: true), .. Lead(step, trigger.Offset)],
        UpdateContact update => Field(step, update.Field, dateOnly: false),
        SegmentEntered trigger => Segment(step, trigger.Segment),
        SegmentLeft trigger => Segment(step, trigger.Segment),
        HandedBack trigger => Reasons(trigger),
        RandomSplit split => Shares(split),
        CreateTask task => Duration(step, task.DueIn),
        _ => [],
    };

    private IEnumerable<WorkflowFinding> Condition(Activity step, Input<string>? where)
    {
        if (Literal(where) is { } condition && renderer.Check(condition) is { } problem)
            yield return WorkflowFinding.Error(step, "bad-condition", "The condition cannot be read: {0}. Write it like contact.prefecture == \"福井県\".", problem);
    }

    private static IEnumerable<WorkflowFinding> Duration(Activity step, Input<string>? input)
    {
        if (Literal(input) is { } text && !(Durations.TryParse(text, out var span) && span > TimeSpan.Zero))
            yield return WorkflowFinding.Error(step, "bad-duration", "'{0}' is no duration. Write it like P7D (seven days) or PT12H (twelve hours).", text);
    }

    private static IEnumerable<WorkflowFinding> Priority(SendEmail mail)
    {
        if (mail.Priority is not null && mail.Priority.TryGetLiteral(out var priority) && priority is < 0 or > 100)
            yield return WorkflowFinding.Error(mail, "bad-priority", "A priority is a number from 0 to 100, not {0}.", priority);
    }

    private IEnumerable<WorkflowFinding> Until(Activity step, Input<string>? input)
    {
        if (Literal(input) is not { } text) yield break;
        if (Moment.TryParse(text) is not { } moment)
            yield return WorkflowFinding.Error(
                step, "bad-moment", "'{0}' is no moment. Write it like 'next-business-day 10:00', 'next monday 09:00', 'at 18:00', 'field deal.revisit_on -3d 10:00' or '+P3D'.", text);
        else if (moment.Field is { } field && renderer.Check(field) is { } problem)
            yield return WorkflowFinding.Error(step, "bad-condition", "The condition cannot be read: {0}. Write it like contact.prefecture == \"福井県\".", problem);
    }

    private IEnumerable<WorkflowFinding> Anchor(Activity step, Input<string>? input)
    {
        if (Literal(input) is { } anchor && !known.Anchors.Contains(anchor))
            yield return WorkflowFinding.Error(step, "unknown-anchor", "The calendar has no day '{0}'. Choose one of the calendar's days, or add it there.", anchor);
    }

    private static IEnumerable<WorkflowFinding> Lead(Activity step, Input<string>? input)
    {
        if (Literal(input) is { } text && DayOffset.TryParse(text) is null)
            yield return WorkflowFinding.Error(step, "bad-lead", "'{0}' is no lead. Write it like '-14d', '+3d' or '-14d 10:00'.", text);
    }

    private static IEnumerable<WorkflowFinding> AudienceOf(CalendarOccurrence trigger)
    {
        if (Literal(trigger.Audience) is not { } text) yield break;
        var problem = "";
        try
        {
            Audiences.Parse(text, "audience");
        }
        catch (BadInputException bad)
        {
            problem = bad.Message;
        }
        if (problem.Length > 0) yield return WorkflowFinding.Error(trigger, "bad-audience", "The audience cannot be read: {0}", problem);
    }

    private IEnumerable<WorkflowFinding> Field(Activity step, Input<string>? input, bool dateOnly)
    {
        if (Literal(input) is not { } key) yield break;
        if (known.Fields.Find(key) is not { } field)
            yield return WorkflowFinding.Error(step, "unknown-field", "'{0}' is not a declared field of a person. Choose one of: {1}.", key, string.Join(", ", known.Fields.Keys(dateOnly)));
        else if (dateOnly && field.Type is not ContactFieldType.Date)
            yield return WorkflowFinding.Error(step, "no-date-field", "'{0}' holds no date. Choose one of: {1}.", key, string.Join(", ", known.Fields.Keys(dateOnly)));
    }

    private IEnumerable<WorkflowFinding> Segment(Activity step, Input<string>? input)
    {
        if (Literal(input) is { } segment && known.Segments?.Contains(segment) is false)
            yield return WorkflowFinding.Error(step, "unknown-segment", "There is no segment '{0}'. Choose one that exists, or make it first.", segment);
    }

    private static IEnumerable<WorkflowFinding> Reasons(HandedBack trigger)
    {
        foreach (var reason in (Literal(trigger.Reasons) ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            if (reason != HandingBack.Revisit && !HandBackReasons.TryParse(reason, out _))
                yield return WorkflowFinding.Error(trigger, "unknown-reason", "Sales hands nothing back for the reason '{0}'. Choose from: {1}.", reason, string.Join(", ", HandBackReasons.Words));
        }
    }

    private static IEnumerable<WorkflowFinding> Shares(RandomSplit split)
    {
        var shares = new[] { split.A, split.B, split.C, split.D };
        if (shares.Any(share => !share.TryGetLiteral(out var percent) || percent is < 0 or > 100) || shares.Sum(share => share.TryGetLiteral(out var percent) ? percent : 0) != 100)
            yield return WorkflowFinding.Error(split, "bad-split", "The shares must be whole numbers from 0 to 100 that add up to 100.");
    }

    private static string? Literal(Input<string>? input) => input is not null && input.TryGetLiteral(out var text) && text.Trim().Length > 0 ? text : null;
}
