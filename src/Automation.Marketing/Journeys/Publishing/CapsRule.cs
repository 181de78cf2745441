using Automation.Marketing.Contacts.Consent;
using Automation.Marketing.Journeys.Activities;
using Automation.Marketing.Mail;
using Automation.Marketing.Mail.Content;
using Automation.Marketing.Mail.Decision;
using Automation.Workflows.Activities;
using Automation.Workflows.Definitions;
using Automation.Workflows.Runtime;

namespace Automation.Marketing.Journeys.Publishing;

/// <summary>
/// Warns of mails that the limits in force never let out in time, however a person goes through the flow (brief §4.5). Walks
/// every way as fast as it can be gone, for somebody who gets no other mail, and asks the decider of real mails.
/// </summary>
internal sealed class CapsRule(TemplateCatalogue templates, SendingPolicy policy) : IWorkflowRule
{
    // A drawing with many forks has more ways than anybody walks.
    private const int MostSteps = 5_000;

    private static readonly DateTimeOffset Start = new(2026, 1, 6, 10, 0, 0, TimeSpan.Zero);   // a Tuesday, far from midnight
    private static readonly TimeSpan Unknown = TimeSpan.FromDays(800);                         // longer than any window of a limit
    private static readonly TimeSpan DefaultValidFor = TimeSpan.FromDays(7);
    private static readonly PersonStanding Somebody = new("somebody@example.com", ConsentState.Granted, null, SalesOwned: false, TimeZoneInfo.Utc, 0);

    public IEnumerable<WorkflowFinding> Check(WorkflowGraph graph)
    {
        var walk = new Walk(FlowDrawing.Of(graph), templates, policy with { Quiet = null });
        foreach (var trigger in graph.Triggers) walk.From(trigger.ActivityId, Start, [], new HashSet<string>());
        return walk.Objections.Where(pair => pair.Value is { Length: > 0 }).Select(pair => WorkflowFinding.Warning(
            graph.FindById(pair.Key), "over-caps", "'{0}' would always wait or expire: the limit '{1}' leaves no room for it. Let the flow wait longer before it, or take a mail out.",
            graph.FindById(pair.Key)?.Name ?? pair.Key, pair.Value));
    }

    private sealed class Walk(FlowDrawing drawing, TemplateCatalogue templates, SendingPolicy policy)
    {
        private int left = MostSteps;

        /// <summary>By mail: the limit that held it back on every way; empty when it went out at once on some way.</summary>
        public Dictionary<string, string?> Objections { get; } = new(StringComparer.Ordinal);

        public void From(string id, DateTimeOffset at, IReadOnlyList<CountedSend> sent, IReadOnlySet<string> passed)
        {
            if (left-- <= 0 || passed.Contains(id) || !drawing.Steps.TryGetValue(id, out var step)) return;
            var before = new HashSet<string>(passed, StringComparer.Ordinal) { id };
            if (step is SendEmail mail) Mail(mail, at, sent, before);
            else foreach (var line in drawing.LinesFrom(id)) From(line.To, at + WaitOf(step, line.Port), sent, before);
        }

        private void Mail(SendEmail mail, DateTimeOffset at, IReadOnlyList<CountedSend> sent, IReadOnlySet<string> passed)
        {
            var template = mail.Template is not null && mail.Template.TryGetLiteral(out var id) ? templates.Find(id) : null;
            var (port, when, now) = ("Sent", at, sent);
            if (template is { Class: MessageClass.Marketing })
            {
                var overCap = mail.OverCap is not null && mail.OverCap.TryGetLiteral(out var word) && Enum.TryParse<OverCap>(word, ignoreCase: true, out var said) ? said : OverCap.Defer;
                var validFor = mail.ValidFor is not null && mail.ValidFor.TryGetLiteral(out var text) && Durations.TryParse(text, out var span) ? span : DefaultValidFor;
                var decision = Decider.Decide(new SendQuestion(template.Class, template.Approach, overCap, at + validFor), Somebody, sent, policy, at);
                Objections[mail.Id] = decision.Rule.Length == 0 ? "" : Objections.GetValueOrDefault(mail.Id, decision.Rule);
                (port, when) = decision.State switch
                {
                    MessageState.Queued => ("Sent", at),
                    MessageState.Deferred => ("Sent", decision.Reason.Next ?? at),
                    MessageState.Expired => ("Expired", at),
                    _ => ("Skipped", at),
                };
                if (port == "Sent") now = [.. sent, new CountedSend(when, template.Approach)];
            }
            foreach (var line in drawing.LinesFrom(mail.Id).Where(line => line.Port == port)) From(line.To, when, now, passed);
        }

        private static TimeSpan WaitOf(Activity step, string port) => step switch
        {
            Delay delay => delay.TimeSpan.TryGetLiteral(out var span) ? span : Unknown,
            WaitForEvent wait when port == "TimedOut" => wait.Timeout is not null && wait.Timeout.TryGetLiteral(out var text) && Durations.TryParse(text, out var timeout) ? timeout : Unknown,
            WaitUntil wait => wait.Until is not null && wait.Until.TryGetLiteral(out var until) && Moment.TryParse(until) is { Field: null } moment ? moment.Least : Unknown,
            WaitForAnchor or StartAt => Unknown,
            _ => TimeSpan.Zero,
        };
    }
}
