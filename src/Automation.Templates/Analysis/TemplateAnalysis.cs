namespace Automation.Templates.Analysis;

/// <summary>What can be said of a template without rendering it.</summary>
/// <remarks>
/// The template is walked with what is known of each value: loop variables, assignments, parameters, <c>with</c>, captures and
/// the arguments of partials are followed to the paths of the model behind them; conditions are understood as guards. The work is
/// bounded: see <see cref="IsComplete"/>.
/// </remarks>
public sealed class TemplateAnalysis
{
    internal TemplateAnalysis(IReadOnlyList<TemplateProblem> problems, IReadOnlyList<TemplatePiece> pieces, bool isComplete) =>
        (Problems, Pieces, IsComplete) = (problems, pieces, isComplete);

    /// <summary>At most 500, in the order of the walk, each place and kind once.</summary>
    public IReadOnlyList<TemplateProblem> Problems { get; }

    /// <summary>What may be printed, in order.</summary>
    public IReadOnlyList<TemplatePiece> Pieces { get; }

    /// <summary>False when the template was too large or too entangled to be walked to its end.</summary>
    public bool IsComplete { get; }

    /// <param name="template">The template; one with errors has no problems and no pieces.</param>
    /// <param name="model">What the model will look like.</param>
    /// <param name="loader">Finds partials, which are looked into.</param>
    /// <param name="isPartial">Whether the template is a partial looked at alone, whose arguments are not known.</param>
    public static TemplateAnalysis Of(Template template, ModelShape model, ITemplateLoader? loader = null, bool isPartial = false) =>
        template.HasErrors ? new TemplateAnalysis([], [], isComplete: true) : new Analyzer(template, model, loader, isPartial).Run();
}
