using Automation.Templates.Syntax;

namespace Automation.Templates.Rendering;

/// <summary>What of a personal segment is shared nevertheless: its blocks, each with the statements that are a person's own.</summary>
internal sealed class UnrollingPlan
{
    /// <summary>For each block that holds something personal, which statements are: runs of them, each followed by text.</summary>
    public Dictionary<Block, List<(int Start, int End)>> Own { get; } = [];
}

/// <summary>
/// Renders what is shared of a segment once, and remembers at which places a person's own goes, with the loops open there: a list of
/// products that all get is walked once, though every line has the person's number in it.
/// </summary>
internal sealed class Unrolling(UnrollingPlan plan)
{
    // Each place costs a little for every person; a long list is cheaper rendered as a whole.
    private const int MostPieces = 400;

    private readonly List<RenderedPiece> _pieces = [];
    private bool _isGivenUp;

    /// <summary>Null when the segment is better, or only, rendered as a whole.</summary>
    public IReadOnlyList<RenderedPiece>? Run(TemplateContext context, Block body)
    {
        using var output = RenderOutput.Rent(sink: null, context);
        context.Unrolling = this;
        context.Run(output, body);
        if (_isGivenUp) return null;
        AddText(output);
        return _pieces;
    }

    public bool Concerns(Block block) => plan.Own.ContainsKey(block);

    public Flow Execute(TemplateContext context, Block block)
    {
        var done = 0;
        foreach (var (start, end) in plan.Own[block])
        {
            var flow = Block.Execute(context, block.Statements.AsSpan(done, start - done));
            if (flow != Flow.Next) return flow;
            // Lines of what follows would be indented by how a person's own text ends.
            if (context.Output.Indent is { Length: > 0 } || _pieces.Count > MostPieces)
            {
                _isGivenUp = true;
                return Flow.Return;
            }
            AddOwn(context, new Block(block.Statements[start].At, block.Statements[start..end]));
            done = end;
        }
        return Block.Execute(context, block.Statements.AsSpan(done));
    }

    private void AddOwn(TemplateContext context, Block own)
    {
        var output = context.Output;
        AddText(output);
        _pieces.Add(new RenderedPiece(null, new TemplateSegment(own, new OpenPlace(context.CopyOfLoops(), context.Loop?.Copy(), output.Place))));
    }

    private void AddText(RenderOutput output)
    {
        if (output.Take() is { Length: > 0 } text) _pieces.Add(new RenderedPiece(text, null));
    }
}

/// <summary>Where a piece stands: the loops around it and how the line before it ended.</summary>
internal sealed record OpenPlace((string Name, object? Value)[] Loops, LoopState? Loop, OutputPlace Output);
