using Automation.Templates.Rendering;
using Automation.Templates.Syntax;

namespace Automation.Templates;

/// <summary>A run of a template's outermost statements, to be rendered on its own.</summary>
public sealed class TemplateSegment
{
    private readonly Block _body;

    internal TemplateSegment(Block body, bool isShared)
    {
        _body = body;
        IsShared = isShared;
    }

    /// <summary>Whether the text is the same for all recipients, so that rendering it once is enough.</summary>
    public bool IsShared { get; }

    /// <inheritdoc cref="Template.Render(TemplateContext)"/>
    public string Render(TemplateContext context)
    {
        using var buffer = RenderOutput.Rent(sink: null, context);
        context.Run(buffer, _body);
        return buffer.ToString();
    }

    /// <inheritdoc cref="Template.Render(TextWriter, TemplateContext)"/>
    public void Render(TextWriter output, TemplateContext context)
    {
        using var buffer = RenderOutput.Rent(output, context);
        context.Run(buffer, _body);
        buffer.Flush();
    }
}
