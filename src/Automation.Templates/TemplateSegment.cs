using Automation.Templates.Rendering;
using Automation.Templates.Syntax;

namespace Automation.Templates;

/// <summary>A run of a template's statements, to be rendered on its own.</summary>
public sealed class TemplateSegment
{
    private readonly Block _body;
    private readonly UnrollingPlan? _plan;
    private readonly OpenPlace? _place;

    /// <param name="plan">What of a personal segment is shared nevertheless; null: nothing.</param>
    internal TemplateSegment(Block body, bool isShared, UnrollingPlan? plan = null)
    {
        _body = body;
        _plan = plan;
        IsShared = isShared;
    }

    /// <summary>A person's own within loops that all share.</summary>
    internal TemplateSegment(Block body, OpenPlace place)
    {
        _body = body;
        _place = place;
    }

    /// <summary>Whether the text is the same for all recipients, so that rendering it once is enough.</summary>
    public bool IsShared { get; }

    /// <summary>Renders what is shared of the segment, as far as it can be told apart from what is a person's own.</summary>
    /// <param name="context">With the shared roots at least; of no use afterwards.</param>
    /// <returns>Pieces in order; those of a person's own are to be rendered for each.</returns>
    /// <exception cref="TemplateException">What is shared fails at run time.</exception>
    public IReadOnlyList<RenderedPiece> RenderShared(TemplateContext context)
    {
        if (IsShared) return [new RenderedPiece(Render(context), null)];
        return (_plan is null ? null : new Unrolling(_plan).Run(context, _body)) ?? [new RenderedPiece(null, this)];
    }

    /// <inheritdoc cref="Template.Render(TemplateContext)"/>
    public string Render(TemplateContext context)
    {
        using var buffer = RenderOutput.Rent(sink: null, context);
        Run(buffer, context);
        return buffer.ToString();
    }

    /// <inheritdoc cref="Template.Render(TextWriter, TemplateContext)"/>
    public void Render(TextWriter output, TemplateContext context)
    {
        using var buffer = RenderOutput.Rent(output, context);
        Run(buffer, context);
        buffer.Flush();
    }

    private void Run(RenderOutput buffer, TemplateContext context)
    {
        if (_place is { } place)
        {
            buffer.Place = place.Output;
            context.Enter(place);
        }
        context.Run(buffer, _body);
    }
}

/// <summary>A piece of a rendered segment: text that all recipients share, or a segment of the person's own.</summary>
/// <param name="Text">Null: the piece is the person's own.</param>
/// <param name="Own">Null: the piece is shared.</param>
public readonly record struct RenderedPiece(string? Text, TemplateSegment? Own);
