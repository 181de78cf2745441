using System.Text.Json.Nodes;

namespace Automation.Workflows.Tests.Scenarios;

/// <summary>What we do differently from the recordings on purpose, written as changes to what was recorded.</summary>
internal static class Deviations
{
    public static void Apply(string name, JsonObject recording, out bool deviates)
    {
        deviates = true;
        var runs = recording["runs"]!.AsObject();
        var run = (runs["both"] ?? runs["CounterBased"])!.AsObject();
        switch (name)
        {
            // Input survives a suspend.
            case "a-input-after-resume":
                Step(run, 1)["stdout"] = new JsonArray("[Ann]");
                break;
            // … of a child too.
            case "a-dispatchworkflow-wait":
                Step(run, 3)["stdout"] = new JsonArray("after {\"Out\":\"Zed!\"}");
                break;
            // A default of an input counts.
            case "a-default-input-value":
                Step(run, 0)["stdout"] = new JsonArray("[dflt]");
                break;
            // A literal that is no value of its type is a fault.
            case "a-input-conversion-error":
                Ends(run, 0, "Faulted");
                Step(run, 0)["bookmarks"] = new JsonArray();
                Step(run, 0)["incidents"] = new JsonArray(new JsonObject
                {
                    ["activityId"] = "D",
                    ["message"] = "Input 'TimeSpan': \"not a timespan\" is not a value of type TimeSpan.",
                });
                var journal = Journal(run);
                journal[^1] = "Faulted D Elsa.Delay";
                break;
            // An instance that nothing can wake any more is at an end.
            case "a-fault-continue-event":
                Ends(run, 1, "Faulted");
                break;
            case "a-fault-nested-sequence":
                Ends(run, 0, "Faulted");
                break;
            // Behind a completed workflow nothing waits.
            case "a-complete-nested-composite":
                Ends(run, 0, "Finished");
                Step(run, 0)["bookmarks"] = new JsonArray();
                break;
            default:
                deviates = false;
                break;
        }
    }

    private static JsonObject Step(JsonObject run, int index) => run["steps"]![index]!.AsObject();

    private static JsonArray Journal(JsonObject run) => run["instances"]![0]!["journal"]!.AsArray();

    private static void Ends(JsonObject run, int step, string subStatus)
    {
        foreach (var end in new[] { Step(run, step), run["instances"]![0]!.AsObject() })
        {
            end["status"] = "Finished";
            end["subStatus"] = subStatus;
        }
    }
}
