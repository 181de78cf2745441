using System.Collections.Frozen;
using Automation.Marketing.Mail.Content.Authoring;

namespace Automation.Marketing.Mail.Content;

/// <summary>The templates as they stand at one moment. Immutable: what takes one for a piece of work sees one state of affairs throughout.</summary>
public sealed class TemplateShelf
{
    public static readonly TemplateShelf Empty = new([], MailPartials.None);

    private readonly FrozenDictionary<string, MailTemplate> templates;

    internal TemplateShelf(IEnumerable<MailTemplate> templates, MailPartials partials, IReadOnlyDictionary<string, VersionMark>? marks = null, long revision = 0)
    {
        this.templates = templates.ToFrozenDictionary(template => template.Id, StringComparer.Ordinal);
        (Partials, Marks, Revision) = (partials, marks ?? FrozenDictionary<string, VersionMark>.Empty, revision);
    }

    /// <summary>Every template, by id.</summary>
    public IEnumerable<MailTemplate> All => templates.Values.OrderBy(template => template.Id, StringComparer.Ordinal);

    public MailPartials Partials { get; }

    /// <summary>The newest version of each template and partial that has one in the database.</summary>
    public IReadOnlyDictionary<string, VersionMark> Marks { get; }

    /// <summary>Rows of versions that this state comes from.</summary>
    internal long Revision { get; }

    public MailTemplate? Find(string id) => templates.GetValueOrDefault(id);
}

/// <summary>Which version of a template counts.</summary>
public sealed record VersionMark(string TemplateId, int Number, TemplateVersionState State);
