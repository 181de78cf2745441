using System.Globalization;
using Automation.Templates;

namespace Automation.Marketing.Mail.Content;

/// <summary>The one way to the template language.</summary>
public interface ITemplateRenderer
{
    /// <exception cref="TemplateException">The template fails at run time; place and reason are in it.</exception>
    RenderedMail Render(MailTemplate template, string? language, string shopLanguage, TemplateObject model);

    /// <summary>The same in two steps, for many recipients at once: put together they give what <see cref="Render"/> gives for each alone.</summary>
    /// <param name="sharedRoots">Roots of the model that are the same for all recipients.</param>
    DividedMail Divide(MailParts parts, IReadOnlySet<string> sharedRoots);

    /// <summary>A condition of a flow: true or false by the language's own rule.</summary>
    bool IsTrue(string condition, TemplateObject model);

    /// <summary>The value of an expression.</summary>
    object? Evaluate(string expression, TemplateObject model);

    /// <summary>Null when the expression parses, else what is wrong.</summary>
    string? Check(string expression);
}

/// <summary>Renders with our own implementation of Scriban under the mail profile (architecture §9).</summary>
public sealed class TemplateRenderer(TemplateCatalogue catalogue, TimeProvider clock) : ITemplateRenderer
{
    private static readonly CultureInfo Japanese = CultureInfo.GetCultureInfo("ja-JP");
    private static readonly CultureInfo English = CultureInfo.GetCultureInfo("en-US");

    /// <summary>For expressions alone: it knows no templates.</summary>
    public static readonly TemplateRenderer WithoutPartials = new(TemplateCatalogue.Empty, TimeProvider.System);

    private readonly TemplateOptions conditions = TemplateOptions.Mail with { Clock = clock };

    public RenderedMail Render(MailTemplate template, string? language, string shopLanguage, TemplateObject model)
    {
        var parts = template.In(language, shopLanguage);
        var plain = OptionsFor(parts);
        return new RenderedMail(
            DividedMail.OneLine(parts.Subject.Render(new TemplateContext(model, plain))),
            parts.Html.Render(new TemplateContext(model, plain with { EscapeHtml = true })),
            parts.Text.Render(new TemplateContext(model, plain)));
    }

    public DividedMail Divide(MailParts parts, IReadOnlySet<string> sharedRoots) => new(parts, sharedRoots, OptionsFor(parts));

    public bool IsTrue(string condition, TemplateObject model) => TemplateExpression.IsTrue(Evaluate(condition, model));

    public object? Evaluate(string expression, TemplateObject model) =>
        TemplateExpression.Parse(expression).Evaluate(new TemplateContext(model, conditions));

    public string? Check(string expression)
    {
        var parsed = TemplateExpression.Parse(expression);
        return parsed.HasErrors ? string.Join("; ", parsed.Messages) : null;
    }

    private TemplateOptions OptionsFor(MailParts parts) =>
        TemplateOptions.Mail with { Culture = parts.Language == "ja" ? Japanese : English, Loader = catalogue.Partials, Clock = clock };
}
