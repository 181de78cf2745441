namespace Automation.Templates;

/// <summary>One fault in a template.</summary>
/// <param name="Template">The template's name.</param>
/// <param name="Line">From 1; 0 when the fault is that the text ended.</param>
/// <param name="Column">From 1, in UTF-16 units; 0 when the fault is that the text ended.</param>
/// <param name="Text">What is wrong.</param>
public sealed record TemplateMessage(string Template, int Line, int Column, string Text)
{
    /// <summary><c>file(line,column) : error : message</c>.</summary>
    public override string ToString() => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{Template}({Line},{Column}) : error : {Text}");
}

/// <summary>A template could not be rendered: all its parse errors, or the first error of its run.</summary>
public sealed class TemplateException : Exception
{
    internal TemplateException(IReadOnlyList<TemplateMessage> messages, bool isParse, Exception? inner = null)
        : base(string.Join('\n', messages), inner)
    {
        Messages = messages;
        IsParseError = isParse;
    }

    public IReadOnlyList<TemplateMessage> Messages { get; }

    /// <summary>Whether the template was never run because its text is faulty.</summary>
    public bool IsParseError { get; }
}
