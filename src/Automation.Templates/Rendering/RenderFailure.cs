using Automation.Templates.Parsing;

namespace Automation.Templates.Rendering;

/// <summary>A run-time error with its place; leaves the engine as <see cref="TemplateException"/>.</summary>
internal sealed class RenderFailure : Exception
{
    public RenderFailure(TemplateMessage message, bool isFinal = false, Exception? inner = null) : base(message.Text, inner)
    {
        Place = message;
        IsFinal = isFinal;
    }

    public RenderFailure(Span at, string message) : this(at.Source.MessageAt(at.Start, message))
    {
    }

    public TemplateMessage Place { get; }

    /// <summary>Whether printing failed; that is laid at the door of the whole block.</summary>
    public bool IsOfPrinting { get; init; }

    /// <summary>Whether a limit on the whole render is used up, so that rendering must not go on after it.</summary>
    public bool IsFinal { get; }
}

/// <summary>A built-in function refuses its call; the call adds the place.</summary>
/// <param name="message">What is wrong with it.</param>
/// <param name="argument">The argument at fault, or -1 for the call as such.</param>
internal sealed class CallFault(string message, int argument = -1) : Exception(message)
{
    public int Argument { get; } = argument;
}
