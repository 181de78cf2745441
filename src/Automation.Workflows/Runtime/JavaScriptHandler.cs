using Automation.Workflows.Definitions;

namespace Automation.Workflows.Runtime;

/// <summary>JavaScript (ES5.1), in a sandbox with limits; see <see cref="JavaScriptSandbox"/>.</summary>
public sealed class JavaScriptHandler : IExpressionHandler
{
    public string Type => "JavaScript";

    public ValueTask<object?> EvaluateAsync(Expression e, Type target, ActivityExecutionContext context) =>
        new(JavaScriptSandbox.Run(Parsed(e), context, null));

    public string? Check(Expression e)
    {
        try
        {
            Parsed(e);
            return null;
        }
        catch (JavaScriptFailedException broken)
        {
            return broken.Message;
        }
    }

    private static JavaScriptProgram Parsed(Expression e)
    {
        if (e.Compiled is JavaScriptProgram known) return known;
        var program = JavaScriptProgram.Parse(e.Text);
        e.Compiled = program;
        return program;
    }
}

/// <summary>A script that does not parse, fails, or goes beyond its limits.</summary>
public sealed class JavaScriptFailedException(string message, Exception? inner = null) : Exception(message, inner);
