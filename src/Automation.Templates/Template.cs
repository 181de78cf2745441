using Automation.Templates.Functions;
using Automation.Templates.Parsing;
using Automation.Templates.Rendering;
using Automation.Templates.Syntax;

namespace Automation.Templates;

/// <summary>A parsed template. Immutable; may be rendered by many threads at once.</summary>
public sealed class Template
{
    private readonly SourceText _source;
    private readonly TemplateFacts _facts;
    private IReadOnlySet<string>? _roots;

    private Template(SourceText source, Block body, TemplateFacts facts, IReadOnlyList<TemplateMessage> messages)
    {
        _source = source;
        _facts = facts;
        Body = body;
        Messages = messages;
    }

    public string Name => _source.Name;

    public bool HasErrors => Messages.Count > 0;

    /// <summary>Every fault of the text, in the order they were noticed.</summary>
    public IReadOnlyList<TemplateMessage> Messages { get; }

    /// <summary>Every global name the template reads that neither it nor the language defines. Partials are not looked into.</summary>
    public IReadOnlySet<string> Roots => _roots ??= RootsOf(_facts);

    /// <summary>The partials it includes by name, each once; names that are only known at run time are not among them.</summary>
    public IEnumerable<string> Includes => _facts.NamedPartials.Distinct(StringComparer.Ordinal);

    internal Block Body { get; }

    internal TemplateFacts Facts => _facts;

    /// <summary>Reads a template. Never throws for bad text: see <see cref="Messages"/>.</summary>
    public static Template Parse(string text, string name = "<input>", TemplateParseOptions? options = null)
    {
        var source = new SourceText(name, text);
        using var parser = new Parser(source, options ?? TemplateParseOptions.Default);
        var (body, messages) = parser.ParseTemplate();
        return new Template(source, body, parser.Facts, messages);
    }

    /// <exception cref="TemplateException">The template has errors, or fails on the way; text may have been written by then.</exception>
    /// <exception cref="OperationCanceledException">The context's cancellation was requested.</exception>
    public void Render(TextWriter output, TemplateContext context)
    {
        ThrowIfFaulty();
        using var buffer = RenderOutput.Rent(output, context);
        context.Run(buffer, Body);
        buffer.Flush();
    }

    /// <inheritdoc cref="Render(TextWriter, TemplateContext)"/>
    public string Render(TemplateContext context)
    {
        ThrowIfFaulty();
        using var buffer = RenderOutput.Rent(sink: null, context);
        context.Run(buffer, Body);
        return buffer.ToString();
    }

    /// <summary>Splits the template into parts that read only <paramref name="sharedRoots"/> and parts that are personal.</summary>
    /// <param name="sharedRoots">Roots that are the same for all recipients.</param>
    /// <param name="loader">Finds partials, which are looked into; without it a template that includes is one personal part.</param>
    /// <returns>
    /// Segments whose texts, each rendered alone and put together, equal the whole. One personal segment where that cannot be
    /// promised: when the template assigns, captures, defines functions, returns or asks for time or chance.
    /// </returns>
    public IReadOnlyList<TemplateSegment> Partition(IReadOnlySet<string> sharedRoots, ITemplateLoader? loader = null)
    {
        ThrowIfFaulty();
        return new Partitioner(this, sharedRoots, loader).Split();
    }

    internal static HashSet<string> RootsOf(TemplateFacts facts)
    {
        var roots = facts.Roots();
        roots.RemoveWhere(Builtins.IsName);
        return roots;
    }

    internal void ThrowIfFaulty()
    {
        if (HasErrors) throw new TemplateException(Messages, isParse: true);
    }
}
