using System.Text.Json.Serialization;
using Automation.Workflows.Runtime;

namespace Automation.Workflows.Activities;

/// <summary>Waits for a while.</summary>
[Activity("Elsa", "Scheduling", "Delay execution for the specified amount of time.")]
public sealed class Delay : Activity
{
    [Input(Description = "The amount of time to delay execution.")]
    public Input<TimeSpan> TimeSpan { get; set; } = new(System.TimeSpan.FromMinutes(1));

    internal override ValueTask RunAsync(ActivityExecutionContext context)
    {
        var due = context.Now + TimeSpan.GetOrDefault(context);
        context.CreateBookmark(new CreateBookmarkArgs { Payload = new ResumeAtPayload(due), DueAt = due });
        return default;
    }
}

public sealed record ResumeAtPayload(DateTimeOffset ResumeAt);

/// <summary>Waits until an instant; one that has passed does not wait.</summary>
[Activity("Elsa", "Scheduling", "Trigger execution at a specific time in the future.")]
public sealed class StartAt : Trigger
{
    [Input(UIHint = InputUIHints.DateTimePicker)]
    public Input<DateTimeOffset> DateTime { get; set; } = default!;

    protected override object? GetTriggerPayload(TriggerIndexingContext context) => new StartAtPayload(context.Get(DateTime));

    internal override ValueTask RunAsync(ActivityExecutionContext context)
    {
        var due = DateTime.Get(context);
        if (due <= context.Now || context.IsTriggerOfWorkflow()) return context.CompleteActivityAsync();
        context.CreateBookmark(new CreateBookmarkArgs { Payload = new StartAtPayload(due), DueAt = due });
        return default;
    }
}

public sealed record StartAtPayload(DateTimeOffset ExecuteAt) : ITimedTrigger
{
    [JsonIgnore]
    DateTimeOffset? ITimedTrigger.DueAt => ExecuteAt;
}

/// <summary>Waits an interval; as a trigger it starts the workflow again and again.</summary>
[Activity("Elsa", "Scheduling", "Trigger workflow execution at a specific interval.")]
public sealed class Timer : Trigger
{
    [Input]
    public Input<TimeSpan> Interval { get; set; } = new(TimeSpan.FromMinutes(1));

    protected override object? GetTriggerPayload(TriggerIndexingContext context)
    {
        var interval = context.Get(Interval);
        return new TimerPayload(context.Now + interval, interval);
    }

    internal override ValueTask RunAsync(ActivityExecutionContext context)
    {
        if (context.IsTriggerOfWorkflow()) return context.CompleteActivityAsync();
        var due = context.Now + Interval.GetOrDefault(context);
        context.CreateBookmark(new CreateBookmarkArgs { Payload = new ResumeAtPayload(due), Callback = TimerElapsedAsync, DueAt = due });
        return default;
    }

    private static ValueTask TimerElapsedAsync(ActivityExecutionContext context) => context.CompleteActivityAsync();
}

public sealed record TimerPayload(DateTimeOffset StartAt, TimeSpan Interval) : ITimedTrigger
{
    [JsonIgnore]
    DateTimeOffset? ITimedTrigger.DueAt => StartAt;
}

/// <summary>Waits for the next instant of a cron expression (six fields, seconds first, UTC).</summary>
[Activity("Elsa", "Scheduling", "Trigger workflow execution at a specific interval using a CRON expression.")]
public sealed class Cron : Trigger
{
    [Input]
    public Input<string> CronExpression { get; set; } = default!;

    protected override object? GetTriggerPayload(TriggerIndexingContext context)
    {
        var text = context.Get(CronExpression) ?? "";
        try
        {
            return new CronTriggerPayload(text) { DueAt = CronSchedule.Parse(text).Next(context.Now) };
        }
        catch (FormatException broken)
        {
            throw new FormatException("Error when parsing cron expression: " + broken.Message, broken);
        }
    }

    internal override ValueTask RunAsync(ActivityExecutionContext context)
    {
        if (context.IsTriggerOfWorkflow()) return context.CompleteActivityAsync();
        var text = CronExpression.Get(context);
        var due = CronSchedule.Parse(text).Next(context.Now)
            ?? throw new InvalidOperationException($"The cron expression '{text}' has no further instant.");
        context.CreateBookmark(new CreateBookmarkArgs { Payload = new CronPayload(due, text), DueAt = due });
        return default;
    }
}

public sealed record CronPayload(DateTimeOffset ExecuteAt, string CronExpression);

public sealed record CronTriggerPayload(string CronExpression) : ITimedTrigger
{
    [JsonIgnore]
    public DateTimeOffset? DueAt { get; init; }
}
