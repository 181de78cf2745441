using System.Globalization;
using Automation.Marketing.Mail.Content.Preview;
using Automation.Templates;

namespace Automation.Marketing.Mail.Content;

/// <summary>The one way to the template language.</summary>
public interface ITemplateRenderer
{
    /// <exception cref="TemplateException">The template fails at run time; place and reason are in it.</exception>
    RenderedMail Render(MailTemplate template, string? language, string shopLanguage, TemplateObject model);

    /// <summary>The same in two steps, for many recipients at once: put together they give what <see cref="Render"/> gives for each alone.</summary>
    /// <param name="sharedRoots">Roots of the model that are the same for all recipients.</param>
    DividedMail Divide(MailTemplate template, MailParts parts, IReadOnlySet<string> sharedRoots);

    /// <summary>A condition of a flow: true or false by the language's own rule.</summary>
    bool IsTrue(string condition, TemplateObject model);

    /// <summary>The value of an expression.</summary>
    object? Evaluate(string expression, TemplateObject model);

    /// <summary>Null when the expression parses, else what is wrong.</summary>
    string? Check(string expression);
}

/// <summary>Renders with our own implementation of Scriban under the mail profile (architecture §9).</summary>
public sealed class TemplateRenderer(TimeProvider clock) : ITemplateRenderer
{
    /// <summary>For one part of a preview.</summary>
    public static readonly TimeSpan PreviewTime = TimeSpan.FromSeconds(2);

    private static readonly CultureInfo Japanese = CultureInfo.GetCultureInfo("ja-JP");
    private static readonly CultureInfo English = CultureInfo.GetCultureInfo("en-US");

    /// <summary>For expressions alone: it knows no templates.</summary>
    public static readonly TemplateRenderer WithoutPartials = new(TimeProvider.System);

    private readonly TemplateOptions conditions = TemplateOptions.Mail with { Clock = clock };

    public RenderedMail Render(MailTemplate template, string? language, string shopLanguage, TemplateObject model)
    {
        var parts = template.In(language, shopLanguage);
        var plain = OptionsOf(template, parts);
        return new RenderedMail(
            DividedMail.OneLine(parts.Subject.Render(new TemplateContext(model, plain))),
            parts.Html.Render(new TemplateContext(model, plain with { EscapeHtml = true })),
            parts.Text.Render(new TemplateContext(model, plain)));
    }

    public DividedMail Divide(MailTemplate template, MailParts parts, IReadOnlySet<string> sharedRoots) => new(parts, sharedRoots, OptionsOf(template, parts));

    /// <summary>Renders each part by itself, as far as it can be; takes no longer than <see cref="PreviewTime"/> for each.</summary>
    /// <param name="model">Makes the model anew for each part.</param>
    internal PreviewMail Preview(MailTemplate template, string language, string shopLanguage, Func<TemplateObject> model, CancellationToken cancellation)
    {
        var parts = template.In(language, shopLanguage);
        var plain = OptionsOf(template, parts) with { RenderTimeout = PreviewTime };
        var errors = new List<TemplateMessage>();
        var subject = Try(parts.Subject, plain) is { } line ? DividedMail.OneLine(line) : null;
        return new PreviewMail(parts.Language, template.Class, subject, Try(parts.Html, plain with { EscapeHtml = true }), Try(parts.Text, plain), errors);

        string? Try(Template part, TemplateOptions options)
        {
            try
            {
                return part.Render(new TemplateContext(model(), options, cancellation));
            }
            catch (TemplateException broken)
            {
                errors.AddRange(broken.Messages);
                return null;
            }
        }
    }

    public bool IsTrue(string condition, TemplateObject model) => TemplateExpression.IsTrue(Evaluate(condition, model));

    public object? Evaluate(string expression, TemplateObject model) =>
        TemplateExpression.Parse(expression).Evaluate(new TemplateContext(model, conditions));

    public string? Check(string expression)
    {
        var parsed = TemplateExpression.Parse(expression);
        return parsed.HasErrors ? string.Join("; ", parsed.Messages) : null;
    }

    private TemplateOptions OptionsOf(MailTemplate template, MailParts parts) =>
        TemplateOptions.Mail with { Culture = parts.Language == "ja" ? Japanese : English, Loader = template.Partials, Clock = clock };
}
