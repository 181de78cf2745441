using System.Text.Json.Nodes;

namespace Automation.Workflows.Tests.Scenarios;

/// <summary>What we do differently from the recordings on purpose, written as changes to what was recorded.</summary>
internal static class Deviations
{
    public static void Apply(string name, JsonObject recording, out bool deviates) => deviates = false;
}
