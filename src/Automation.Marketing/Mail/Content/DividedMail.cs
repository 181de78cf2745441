using Automation.Templates;

namespace Automation.Marketing.Mail.Content;

/// <summary>A template in one language, divided into what all recipients of a sending share and what is each person's own.</summary>
public sealed class DividedMail
{
    private readonly DividedPart subject;
    private readonly DividedPart html;
    private readonly DividedPart text;

    /// <param name="sharedRoots">Roots of the model that are the same for all recipients.</param>
    /// <param name="options">Of subject and text; the HTML part escapes besides.</param>
    internal DividedMail(MailParts parts, IReadOnlySet<string> sharedRoots, TemplateOptions options)
    {
        subject = new DividedPart(parts.Subject, sharedRoots, options);
        html = new DividedPart(parts.Html, sharedRoots, options with { EscapeHtml = true });
        text = new DividedPart(parts.Text, sharedRoots, options);
    }

    /// <summary>Whether a person's model may be built on what others share: no part can assign to it.</summary>
    public bool ChangesNothing => subject.ChangesNothing && html.ChangesNothing && text.ChangesNothing;

    /// <summary>Renders what is shared, once for all recipients.</summary>
    /// <param name="model">With the shared roots at least.</param>
    /// <exception cref="TemplateException">The template fails at run time; place and reason are in it.</exception>
    public SharedMail RenderShared(TemplateObject model) => new(subject.RenderShared(model), html.RenderShared(model), text.RenderShared(model));

    /// <summary>Renders what is one person's own.</summary>
    /// <param name="model">All of the person's.</param>
    /// <exception cref="TemplateException">As above.</exception>
    public PersonalMail RenderPersonal(SharedMail shared, TemplateObject model)
    {
        return new PersonalMail(
            OneLine(shared.Subject.With(subject.RenderPersonal(shared.Subject, model))),
            NotBlank(shared.Html, html.RenderPersonal(shared.Html, model)),
            NotBlank(shared.Text, text.RenderPersonal(shared.Text, model)));
    }

    // The provider takes no empty part: a blank stands for nothing at all.
    private static string[] NotBlank(SharedPart shared, string[] own)
    {
        if (own.Length > 0 && shared.Length == 0 && own.All(piece => piece.Length == 0)) own[0] = " ";
        return own;
    }

    // A line break in a subject would begin a header of its own.
    internal static string OneLine(string subject) =>
        subject.AsSpan().ContainsAny('\r', '\n', '\t')
            ? string.Join(' ', subject.Split(['\r', '\n', '\t'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
            : subject.Trim();
}

/// <summary>The shared pieces of a mail's parts.</summary>
public sealed record SharedMail(SharedPart Subject, SharedPart Html, SharedPart Text);

/// <summary>What one person gets: the whole subject, and the pieces that fill the gaps of the shared parts, in order.</summary>
public sealed record PersonalMail(string Subject, string[] Html, string[] Text);

/// <summary>One part's shared pieces in order; those without text are gaps for pieces of the person's own.</summary>
public sealed class SharedPart(IReadOnlyList<RenderedPiece> pieces)
{
    /// <summary>Characters of the shared pieces.</summary>
    public int Length { get; } = pieces.Sum(piece => piece.Text?.Length ?? 0);

    public IEnumerable<string> Pieces => pieces.Select(piece => piece.Text).OfType<string>();

    public int Gaps => Own.Count;

    /// <summary>What fills the gaps, to be rendered for each person.</summary>
    internal IReadOnlyList<TemplateSegment> Own { get; } = [.. pieces.Select(piece => piece.Own).OfType<TemplateSegment>()];

    /// <summary>The whole text with these in the gaps.</summary>
    public string With(IReadOnlyList<string> own)
    {
        if (pieces.Count == 1) return pieces[0].Text ?? own[0];
        var all = new string[pieces.Count];
        var next = 0;
        for (var index = 0; index < all.Length; index++) all[index] = pieces[index].Text ?? own[next++];
        return string.Concat(all);
    }
}

/// <summary>Subject, HTML or text, divided.</summary>
internal sealed class DividedPart(Template template, IReadOnlySet<string> sharedRoots, TemplateOptions options)
{
    private readonly IReadOnlyList<TemplateSegment> segments = template.Partition(sharedRoots, options.Loader);

    // What assigns to anything is never divided.
    public bool ChangesNothing => segments.Count > 1 || segments[0].IsShared;

    public SharedPart RenderShared(TemplateObject model) =>
        new([.. segments.SelectMany(segment => segment.RenderShared(new TemplateContext(model, options)))]);

    public string[] RenderPersonal(SharedPart shared, TemplateObject model)
    {
        if (shared.Gaps == 0) return [];
        var context = new TemplateContext(model, options);
        var own = new string[shared.Gaps];
        for (var gap = 0; gap < own.Length; gap++)
        {
            // What is divided assigns nothing, so that one gap leaves nothing for the next.
            if (gap > 0) context.Restart();
            own[gap] = shared.Own[gap].Render(context);
        }
        // Each piece has kept the limit on output for itself; as a whole the mail breaks it, and says so in its own words.
        if (shared.Length + own.Sum(piece => (long)piece.Length) > options.OutputLimit) template.Render(new TemplateContext(model, options));
        return own;
    }
}
