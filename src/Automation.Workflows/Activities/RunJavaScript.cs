using Automation.Workflows.Runtime;

namespace Automation.Workflows.Activities;

/// <summary>Runs a script; it may set variables and choose the outcomes.</summary>
[Activity("Elsa", "Scripting", "Executes JavaScript code", DisplayName = "Run JavaScript")]
public sealed class RunJavaScript : Activity
{
    [Input(UIHint = InputUIHints.CodeEditor)]
    public Input<string> Script { get; set; } = default!;

    [Input(UIHint = InputUIHints.MultiText, Description = "A list of possible outcomes.")]
    public Input<ICollection<string>?>? PossibleOutcomes { get; set; }

    [Output]
    public Output<object?>? Result { get; set; }

    internal override IReadOnlyList<string>? OwnOutcomes => PossibleOutcomes is { IsConstant: true, ConversionError: null } named
        ? [.. named.ConstantValue() as ICollection<string> ?? [], "Done"] : null;

    internal override ValueTask RunAsync(ActivityExecutionContext context)
    {
        var script = Script.GetOrDefault(context);
        if (string.IsNullOrWhiteSpace(script)) return context.CompleteActivityAsync();
        var outcomes = new List<string>();
        context.Set(Result, JavaScriptSandbox.Run(ProgramOf(script), context, outcomes));
        return context.CompleteActivityWithOutcomesAsync(outcomes.Count > 0 ? [.. outcomes] : ["Done"]);
    }

    // The script is nearly always a literal: parsed once per graph.
    private JavaScriptProgram ProgramOf(string script)
    {
        if (parsed is { } known && known.Text == script) return known.Program;
        var program = JavaScriptProgram.Parse(script);
        parsed = new(script, program);
        return program;
    }

    private sealed record Parsed(string Text, JavaScriptProgram Program);

    private Parsed? parsed;
}
