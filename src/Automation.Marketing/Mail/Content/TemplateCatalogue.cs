using Automation.Marketing.Mail.Content.Authoring;
using Automation.Marketing.Storage;

namespace Automation.Marketing.Mail.Content;

/// <summary>
/// The templates that mails are made of: the shipped files, and over them what has been published in the product. Asked
/// for every mail, so it answers from memory; <see cref="RefreshAsync"/> brings it up to date.
/// </summary>
// A semaphore that nobody waits for by handle holds nothing to dispose of.
#pragma warning disable CA1001
public sealed class TemplateCatalogue
#pragma warning restore CA1001
{
    /// <summary>No templates at all.</summary>
    public static readonly TemplateCatalogue Empty = new(TemplateShelf.Empty);

    private readonly SemaphoreSlim oneAtATime = new(1);
    private volatile TemplateShelf current;

    public TemplateCatalogue(TemplateShelf shipped) => (Shipped, current) = (shipped, shipped);

    /// <summary>The originals.</summary>
    public TemplateShelf Shipped { get; }

    /// <summary>What counts now. Take it once for work that must not see a publish half-way.</summary>
    public TemplateShelf Current => current;

    /// <summary>Every template, by id.</summary>
    public IEnumerable<MailTemplate> All => current.All;

    internal MailPartials Partials => current.Partials;

    public MailTemplate? Find(string id) => current.Find(id);

    /// <exception cref="BadInputException">A file is missing, unreadable, or does not parse; file, line and column are named.</exception>
    public static TemplateCatalogue Load(string folder) => new(TemplateFolder.Read(folder));

    /// <summary>Takes in what has been published since, here or by another process. One count where nothing has.</summary>
    /// <returns>Whether anything changed.</returns>
    public async Task<bool> RefreshAsync(AutomationDb db, CancellationToken cancellation)
    {
        await oneAtATime.WaitAsync(cancellation);
        try
        {
            // Versions are only ever added, so their number tells every change, whichever transaction committed first.
            var revision = (await db.QueryAsync("SELECT COUNT(*) FROM template_versions", row => row.Long(0), cancellation))[0];
            if (revision == current.Revision) return false;
            current = await ReadAsync(db, revision, cancellation);
            return true;
        }
        finally
        {
            oneAtATime.Release();
        }
    }

    private async Task<TemplateShelf> ReadAsync(AutomationDb db, long revision, CancellationToken cancellation)
    {
        var before = current;
        var marks = await MarksAsync(db, cancellation);
        var fresh = await ContentsAsync(db, marks.Values.Where(mark => before.Marks.GetValueOrDefault(mark.TemplateId) != mark), cancellation);
        var partials = PartialTexts(before, marks, fresh);
        var loader = before.Partials.With(partials);
        var templates = Shipped.All.Where(template => !marks.ContainsKey(template.Id)).Select(template => template with { Partials = loader })
            .Concat(marks.Values.Where(mark => mark.State is TemplateVersionState.Published && !TemplateIds.IsPartial(mark.TemplateId)).Select(Taken));
        return new TemplateShelf(templates, loader, marks, revision);

        // Parsed once for each version; a changed partial is looked up through the loader.
        MailTemplate Taken(VersionMark mark) => fresh.TryGetValue(mark.TemplateId, out var content)
            ? MailTemplate.Parse(content.Template!, loader, mark.Number)
            : before.Find(mark.TemplateId)! with { Partials = loader };
    }

    private static async Task<Dictionary<string, VersionMark>> MarksAsync(AutomationDb db, CancellationToken cancellation)
    {
        var rows = await db.QueryAsync("""
            SELECT template_id, number, state FROM template_versions AS v
            WHERE number = (SELECT MAX(number) FROM template_versions AS newer WHERE newer.template_id = v.template_id)
            """, row => new VersionMark(row.Text(0), row.Int(1), row.Enum<TemplateVersionState>(2)), cancellation);
        return rows.ToDictionary(mark => mark.TemplateId, StringComparer.Ordinal);
    }

    private static async Task<Dictionary<string, TemplateContent>> ContentsAsync(AutomationDb db, IEnumerable<VersionMark> wanted, CancellationToken cancellation)
    {
        var contents = new Dictionary<string, TemplateContent>(StringComparer.Ordinal);
        foreach (var mark in wanted.Where(mark => mark.State is TemplateVersionState.Published))
        {
            var stored = await db.QueryAsync(
                "SELECT content FROM template_versions WHERE template_id = @p0 AND number = @p1", row => row.Text(0), cancellation, mark.TemplateId, mark.Number);
            contents[mark.TemplateId] = TemplateContent.Read(mark.TemplateId, stored[0]);
        }
        return contents;
    }

    private Dictionary<string, string> PartialTexts(TemplateShelf before, Dictionary<string, VersionMark> marks, Dictionary<string, TemplateContent> fresh)
    {
        var texts = new Dictionary<string, string>(Shipped.Partials.Texts, StringComparer.Ordinal);
        foreach (var mark in marks.Values.Where(mark => TemplateIds.IsPartial(mark.TemplateId)))
        {
            var name = TemplateIds.NameOfPartial(mark.TemplateId);
            if (mark.State is TemplateVersionState.Retired) texts.Remove(name);
            else texts[name] = fresh.TryGetValue(mark.TemplateId, out var content) ? content.Partial! : before.Partials.Texts[name];
        }
        return texts;
    }
}
