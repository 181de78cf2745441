using System.Globalization;
using Automation.Workflows.Activities;
using Automation.Workflows.Runtime;

namespace Automation.Workflows.Definitions.Checks;

/// <summary>Finds loops that would run without end: those with neither a wait nor a bound, and ways back that the runtime refuses.</summary>
internal sealed class LoopCheck : IWorkflowRule
{
    private const int MaxSteps = 100_000;   // of one burst; see WorkflowRunner.MaxActivitiesPerBurst

    // Which connections lead backward depends on where the run begins. A flow with more triggers than that is looked at from the first ones.
    private const int MaxStarts = 4;

    public IEnumerable<WorkflowFinding> Check(WorkflowGraph graph)
    {
        foreach (var step in graph.Steps)
        {
            var findings = step switch
            {
                Flowchart chart => Endless(chart).Concat(EnteredInTheMiddle(chart)),
                While loop => Conditional(loop, loop.Condition),
                Do loop => Conditional(loop, loop.Condition),
                For loop => Counted(loop),
                _ => [],
            };
            foreach (var finding in findings) yield return finding;
        }
    }

    // ---- loops that are activities ----

    private static IEnumerable<WorkflowFinding> Conditional(Loop loop, Input<bool> condition)
    {
        var body = Below(loop).ToList();
        if (body.Exists(Waits) || body.Exists(Ends)) yield break;
        if (condition.TryGetLiteral(out var always))
        {
            if (always) yield return WorkflowFinding.Error(loop, "endless-loop", "The loop has no end: its condition is always true, and nothing in it waits or breaks out. Add a wait, a Break, or a condition that changes.");
        }
        else if (condition.IsSet && !body.Exists(Changes) && condition.Expression?.Text.Contains("set", StringComparison.OrdinalIgnoreCase) != true)
            yield return WorkflowFinding.Error(loop, "endless-loop", "The loop may have no end: nothing in it waits or changes a value that its condition could see. Count in it, or add a wait.");
    }

    private static IEnumerable<WorkflowFinding> Counted(For loop)
    {
        if (!loop.Start.TryGetLiteral(out var start) || !loop.End.TryGetLiteral(out var end) || !loop.Step.TryGetLiteral(out var step)) yield break;
        if (step == 0)
            yield return WorkflowFinding.Error(loop, "endless-loop", "The loop counts in steps of 0 and never arrives. Give it another step.");
        else if (((long)end - start) / step is > MaxSteps and var rounds && !Below(loop).Any(Waits))
            yield return WorkflowFinding.Error(loop, "endless-loop", "The loop takes {0} rounds without a wait; at most {1} steps are taken at a stretch. Count less far, or add a wait.",
                rounds.ToString(CultureInfo.InvariantCulture), MaxSteps.ToString(CultureInfo.InvariantCulture));
    }

    // ---- loops that are drawn ----

    /// <summary>Without the steps that wait, whatever can still come back to itself needs a bound: a value that changes and a way out that looks at it.</summary>
    private static IEnumerable<WorkflowFinding> Endless(Flowchart chart)
    {
        var (all, next) = (FlowSteps.Successors(chart), FlowSteps.Successors(chart));
        var waits = chart.Activities.ConvertAll(step => Waits(step) || Below(step).Any(Waits) || step.IsTerminal || step is Fault);
        for (var at = 0; at < next.Length; at++)
        {
            if (waits[at]) next[at].Clear();
            else next[at].RemoveAll(way => waits[way.Target]);
        }
        foreach (var loop in Components.Of(Array.ConvertAll(next, ways => ways.ConvertAll(way => way.Target))))
        {
            var inside = loop.ToHashSet();
            if (loop.Exists(at => Decides(chart.Activities[at], all[at], inside)) && loop.Select(at => chart.Activities[at]).Any(step => Changes(step) || Below(step).Any(Changes))) continue;
            var back = loop.SelectMany(at => next[at]).First(way => way.Target == loop[0]).By;
            yield return WorkflowFinding.Error(back.Source, "endless-loop", "The loop back to '{0}' neither waits nor counts: it would run without end. Put a wait into it, or a count and a decision that leads out.", back.Target.Id);
        }
    }

    // Whether a step may take a way that leads out of the loop, be it drawn or not.
    private static bool Decides(Activity step, List<(int Target, FlowConnection By)> ways, HashSet<int> inside)
    {
        var outcomes = step is FlowDecision ? 2 : step.OwnOutcomes?.Count ?? (step is RunJavaScript ? 2 : 1);
        if (outcomes < 2) return false;
        var kept = ways.Where(way => inside.Contains(way.Target)).Select(way => way.By.Port).Distinct().Count();
        return kept < outcomes;
    }

    private static IEnumerable<WorkflowFinding> EnteredInTheMiddle(Flowchart chart)
    {
        if (chart.DefaultStart() is not (>= 0 and var first)) yield break;
        var starts = Enumerable.Range(0, chart.Activities.Count).Where(at => at == first || chart.Activities[at] is ITrigger { CanStartWorkflow: true }).OrderBy(at => at != first).Take(MaxStarts);
        var told = new HashSet<FlowConnection>();
        foreach (var start in starts)
        {
            var graph = new FlowGraph(chart.Activities, chart.Connections, start);
            foreach (var back in chart.Connections)
                if (graph.IsBackward(back) && !graph.IsValidBackward(back) && told.Add(back))
                    yield return WorkflowFinding.Error(back.Source, "invalid-loop", "The way back {0} enters a loop in its middle: not every path to '{1}' passes '{2}'. Lead it back to a step that every path passes.", back, back.Source.Id, back.Target.Id);
        }
    }

    // ---- what steps do ----

    private static IEnumerable<Activity> Below(Activity step)
    {
        var open = new Stack<Activity>(step.ChildActivities());
        while (open.TryPop(out var next))
        {
            yield return next;
            foreach (var child in next.ChildActivities()) open.Push(child);
        }
    }

    private static bool Waits(Activity step) => step switch
    {
        Delay { TimeSpan: var length } => !length.TryGetLiteral(out var span) || span > TimeSpan.Zero,
        StartAt or ITrigger or RunTask => true,
        DispatchWorkflow { WaitForCompletion: var waits } => waits is { IsSet: true } && (!waits.TryGetLiteral(out var yes) || yes),
        ExecuteWorkflow { WaitForCompletion: var waits } => waits is { IsSet: true } && (!waits.TryGetLiteral(out var yes) || yes),
        BulkDispatchWorkflows { WaitForCompletion: var waits } => !waits.TryGetLiteral(out var yes) || yes,
        // A step of the host's waits, unless it is one that is done when its code has run.
        _ => step is not CodeActivity && step.GetType().Assembly != typeof(Activity).Assembly,
    };

    private static bool Changes(Activity step) =>
        step is SetVariable or RunJavaScript or ExecuteWorkflow or SendHttpRequest || step.Outputs.Count > 0 || step.GetType().Assembly != typeof(Activity).Assembly;

    private static bool Ends(Activity step) => step is Break or Finish or Fault or Complete;
}
