using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Automation.Workflows.Runtime;

namespace Automation.Marketing.Journeys.Activities;

/// <summary>Sends people on different ways by chance; one person always takes the same way for the same salt.</summary>
/// <remarks>Outcomes: <c>A</c>, <c>B</c>, <c>C</c>, <c>D</c>, with the shares of the inputs of these names.</remarks>
[Activity("Automation", "Branch", "Splits people at random; the same person always goes the same way.")]
[FlowNode("A", "B", "C", "D")]
public sealed class RandomSplit : Activity
{
    private static readonly string[] Ways = ["A", "B", "C", "D"];

    /// <summary>Percent, whole; all four add up to 100.</summary>
    [Input]
    public Input<int> A { get; set; } = new(50);

    [Input]
    public Input<int> B { get; set; } = new(50);

    [Input]
    public Input<int> C { get; set; } = new(0);

    [Input]
    public Input<int> D { get; set; } = new(0);

    /// <summary>Splits with the same salt agree on a person; default: the flow and the step.</summary>
    [Input]
    public Input<string>? Salt { get; set; }

    protected override ValueTask ExecuteAsync(ActivityExecutionContext context)
    {
        int[] shares = [A.Get(context), B.Get(context), C.Get(context), D.Get(context)];
        if (shares.Any(share => share < 0) || shares.Sum() != 100) throw new InvalidOperationException("The shares must be from 0 to 100 and add up to 100.");
        var salt = context.Get(Salt) is { Length: > 0 } given ? given : $"{context.WorkflowExecutionContext.Definition.DefinitionId}/{context.Activity.Id}";
        var place = PlaceOf(context.WorkflowExecutionContext.CorrelationId ?? context.WorkflowExecutionContext.Id, salt);
        var way = 0;
        for (var reached = shares[0]; place >= reached; reached += shares[way]) way++;
        return context.CompleteActivityWithOutcomesAsync(Ways[way]);
    }

    /// <returns>0 to 99, evenly, fixed for a person and a salt.</returns>
    public static int PlaceOf(string person, string salt) =>
        (int)(BinaryPrimitives.ReadUInt64BigEndian(SHA256.HashData(Encoding.UTF8.GetBytes($"{salt}\n{person}"))) % 100);
}
