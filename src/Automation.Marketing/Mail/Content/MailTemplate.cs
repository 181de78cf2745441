using System.Collections.Frozen;
using Automation.Templates;

namespace Automation.Marketing.Mail.Content;

/// <summary>One mail template in all its languages, parsed.</summary>
/// <param name="Id">Its path under <c>templates/</c>, e.g. <c>welcome/day-0</c>.</param>
/// <param name="PartialRoots">What any partial may read.</param>
public sealed record MailTemplate(
    string Id, MessageClass Class, Approach Approach, IReadOnlyList<string> Topics, TemplateObject Defaults, FrozenDictionary<string, MailParts> Parts, IReadOnlySet<string> PartialRoots)
{
    /// <summary>The person's language, else the shop's, else any there is.</summary>
    public MailParts In(string? language, string shopLanguage) =>
        (language is not null && Parts.TryGetValue(language, out var own)) || Parts.TryGetValue(shopLanguage, out own) ? own : Parts.Values[0];

    /// <summary>True when any part reads this root, e.g. <c>purchases</c>: only then it is loaded.</summary>
    public bool Reads(string root) => PartialRoots.Contains(root) || Parts.Values.Any(parts => parts.Reads(root));
}

/// <summary>Subject, HTML and text in one language.</summary>
public sealed record MailParts(string Language, Template Subject, Template Html, Template Text)
{
    public bool Reads(string root) => Subject.Roots.Contains(root) || Html.Roots.Contains(root) || Text.Roots.Contains(root);
}

/// <summary>What a person gets.</summary>
public sealed record RenderedMail(string Subject, string Html, string Text);
