using Automation.Marketing.Mail.Content.Lint;
using Automation.Marketing.Storage;
using Microsoft.EntityFrameworkCore;

namespace Automation.Marketing.Mail.Content.Authoring;

/// <summary>
/// Where templates and partials are written: one draft each, published as versions that never change.
/// <code>
/// shipped or published ─► draft ─► published, the next version      draft ─► thrown away
/// published ─► retired ─► published again as the next version
/// </code>
/// </summary>
public sealed class TemplateDesk(IDbContextFactory<AutomationDb> dbs, TemplateCatalogue catalogue, TimeProvider clock)
{
    /// <summary>Stands for "there was no version": what the draft of a new template is based on.</summary>
    public const int NoVersion = -1;

    /// <summary>Work of every process: takes in what others have published.</summary>
    /// <returns>0: nothing is left to do, whatever was found.</returns>
    public async Task<int> TakeInAsync(CancellationToken cancellation)
    {
        await using var db = await dbs.CreateDbContextAsync(cancellation);
        await catalogue.RefreshAsync(db, cancellation);
        return 0;
    }

    /// <summary>Every template and partial that is shipped, published, retired or drafted, by id.</summary>
    public async Task<IReadOnlyList<TemplateLine>> ListAsync(CancellationToken cancellation)
    {
        await using var db = await dbs.CreateDbContextAsync(cancellation);
        await catalogue.RefreshAsync(db, cancellation);
        var shelf = catalogue.Current;
        var drafts = await db.TemplateDrafts.AsNoTracking()
            .Select(draft => new DraftMark(draft.TemplateId, draft.Actor, draft.At)).ToDictionaryAsync(draft => draft.TemplateId, cancellation);
        var ids = shelf.All.Select(template => template.Id).Concat(shelf.Partials.Texts.Keys.Select(TemplateIds.OfPartial)).Concat(shelf.Marks.Keys).Concat(drafts.Keys);
        var lines = new List<TemplateLine>();
        foreach (var id in ids.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal))
        {
            var mark = shelf.Marks.GetValueOrDefault(id);
            var source = shelf.Find(id)?.Source ?? (TemplateIds.IsPartial(id) ? null : (await ContentAsync(db, id, mark, cancellation)).Template);
            lines.Add(new TemplateLine(id, source, NumberOf(shelf, id), mark?.State is TemplateVersionState.Retired, drafts.GetValueOrDefault(id)));
        }
        return lines;
    }

    /// <summary>What there is to edit: the draft, else the version that counts, else what was retired.</summary>
    /// <returns>Null when there is no such template.</returns>
    public async Task<TemplateOnDesk?> OpenAsync(string id, CancellationToken cancellation)
    {
        if (!TemplateIds.IsValid(id)) return null;
        await using var db = await dbs.CreateDbContextAsync(cancellation);
        await catalogue.RefreshAsync(db, cancellation);
        var shelf = catalogue.Current;
        var number = NumberOf(shelf, id);
        var draft = await db.TemplateDrafts.AsNoTracking().SingleOrDefaultAsync(one => one.TemplateId == id, cancellation);
        if (draft is null && number == NoVersion) return null;
        var mark = shelf.Marks.GetValueOrDefault(id);
        var content = draft is not null ? TemplateContent.Read(id, draft.Content) : await ContentAsync(db, id, mark, cancellation);
        return new TemplateOnDesk(
            content, number, mark?.State is TemplateVersionState.Retired, shelf.Find(id)?.Class,
            draft is null ? null : new DraftMark(id, draft.Actor, draft.At) { Stamp = draft.Stamp, BasedOn = draft.BasedOn });
    }

    /// <summary>Begins a template or partial under an id of its own.</summary>
    /// <exception cref="RuleBrokenException">The id is taken.</exception>
    public async Task CreateAsync(TemplateContent content, string actor, CancellationToken cancellation)
    {
        if (await OpenAsync(content.Id, cancellation) is not null || await SaveAsync(content, started: null, NoVersion, actor, cancellation) is not SaveResult.Saved)
            throw new RuleBrokenException($"There is a template '{content.Id}' already. Choose another path.");
    }

    /// <summary>Begins a template in the caller's transaction, together with what will use it.</summary>
    /// <exception cref="RuleBrokenException">The id is taken.</exception>
    internal static async Task AddDraftAsync(AutomationDb db, TemplateContent content, string actor, DateTimeOffset now, CancellationToken cancellation)
    {
        if (!await WriteAsync(db, content, started: null, NoVersion, Guid.NewGuid(), actor, now, cancellation))
            throw new RuleBrokenException($"There is a template '{content.Id}' already. Choose another path.");
    }

    /// <summary>Saves the draft, if nobody else has saved or published since.</summary>
    /// <param name="started">The stamp of the draft that was opened; null when there was none.</param>
    /// <param name="basedOn">The version that was opened; counts where there was no draft.</param>
    public async Task<SaveResult> SaveAsync(TemplateContent content, Guid? started, int basedOn, string actor, CancellationToken cancellation)
    {
        await using var db = await dbs.CreateDbContextAsync(cancellation);
        await using (var transaction = await db.BeginWriteAsync(cancellation))
        {
            var now = clock.GetUtcNow();
            var stamp = Guid.NewGuid();
            if (await WriteAsync(db, content, started, basedOn, stamp, actor, now, cancellation))
            {
                await transaction.CommitAsync(cancellation);
                return new SaveResult.Saved(stamp, now);
            }
        }
        return await WhoWasFirstAsync(db, content.Id, cancellation);
    }

    /// <summary>Throws the draft away.</summary>
    /// <exception cref="RuleBrokenException">It is no longer the draft that was opened.</exception>
    public async Task DiscardAsync(string id, Guid stamp, CancellationToken cancellation)
    {
        await using var db = await dbs.CreateDbContextAsync(cancellation);
        await using var transaction = await db.BeginWriteAsync(cancellation);
        await TakeDraftAsync(db, id, stamp, cancellation);
        await transaction.CommitAsync(cancellation);
    }

    /// <summary>Makes the draft the version that counts, from the next mail on.</summary>
    /// <param name="note">What changed, at most <see cref="TemplateVersion.MaxNote"/> characters.</param>
    /// <param name="asTransactional">Said explicitly: it may leave marketing's rules, consent and limits among them.</param>
    /// <exception cref="RuleBrokenException">It is no longer the draft that was opened, or becomes transactional unsaid.</exception>
    public async Task<PublishResult> PublishAsync(string id, Guid stamp, string note, bool asTransactional, string actor, CancellationToken cancellation)
    {
        await using var db = await dbs.CreateDbContextAsync(cancellation);
        await catalogue.RefreshAsync(db, cancellation);
        var draft = await db.TemplateDrafts.AsNoTracking().SingleOrDefaultAsync(one => one.TemplateId == id && one.Stamp == stamp, cancellation);
        RequireThatDraft(draft is not null);
        var content = TemplateContent.Read(id, draft!.Content);
        if (Errors(content, catalogue.Current) is { Count: > 0 } errors) return new PublishResult.Faulty(errors);
        if (content.Template?.Class is MessageClass.Transactional && catalogue.Find(id)?.Class is not MessageClass.Transactional && !asTransactional)
            throw new RuleBrokenException("A transactional mail ignores consent and limits. Confirm that this is one, or make it marketing.");
        int number;
        await using (var transaction = await db.BeginWriteAsync(cancellation))
        {
            // First: whoever publishes or saves the same draft at this moment waits here, and then finds it gone.
            await TakeDraftAsync(db, id, stamp, cancellation);
            number = await AddVersionAsync(db, id, TemplateVersionState.Published, draft.Content, note, actor, cancellation);
            await Audit.WriteAsync(db, actor, "template.published", id, new { Version = number - 1 }, new { Version = number, note }, clock.GetUtcNow(), cancellation);
            await transaction.CommitAsync(cancellation);
        }
        await catalogue.RefreshAsync(db, CancellationToken.None);
        return new PublishResult.Published(number);
    }

    /// <summary>Lint of what is being written, against the partials that count.</summary>
    public IReadOnlyList<LintFinding> Check(TemplateContent content)
    {
        var (partials, options) = (catalogue.Current.Partials.Texts, new LintOptions { Clock = clock });
        return content.Template is { } template
            ? TemplateLint.Check(template, partials, options)
            : TemplateLint.CheckPartial(TemplateIds.NameOfPartial(content.Id), content.Partial!, partials, options);
    }

    /// <summary>Takes it out of use. Whether anything still uses it is the caller's to know.</summary>
    /// <exception cref="RuleBrokenException">It is not in use, or a template includes the partial.</exception>
    public async Task RetireAsync(string id, string note, string actor, CancellationToken cancellation)
    {
        await using var db = await dbs.CreateDbContextAsync(cancellation);
        await catalogue.RefreshAsync(db, cancellation);
        var shelf = catalogue.Current;
        var users = TemplateIds.IsPartial(id) ? string.Join(", ", Includers(shelf, id)) : "";
        if (users.Length > 0) throw new RuleBrokenException($"'{id}' cannot be retired: it is included by {users}.");
        await MoveOnAsync(db, id, TemplateVersionState.Published, TemplateVersionState.Retired, note, actor, cancellation);
    }

    /// <summary>Brings back what was retired, as it was.</summary>
    /// <exception cref="RuleBrokenException">It is not retired.</exception>
    public async Task ReturnAsync(string id, string actor, CancellationToken cancellation)
    {
        await using var db = await dbs.CreateDbContextAsync(cancellation);
        await catalogue.RefreshAsync(db, cancellation);
        await MoveOnAsync(db, id, TemplateVersionState.Retired, TemplateVersionState.Published, "", actor, cancellation);
    }

    /// <summary>Makes an earlier version the draft, to be published as the next one.</summary>
    /// <exception cref="RuleBrokenException">There is a draft, which this would overwrite; or there is no such version.</exception>
    public async Task DraftOfAsync(string id, int number, string actor, CancellationToken cancellation)
    {
        var content = await VersionAsync(id, number, cancellation) ?? throw new RuleBrokenException($"'{id}' has no version {number}.");
        var opened = (await OpenAsync(id, cancellation))!;
        if (opened.Draft is not null || await SaveAsync(content, started: null, opened.Number, actor, cancellation) is not SaveResult.Saved)
            throw new RuleBrokenException("There is a draft already. Publish it or throw it away first.");
    }

    /// <summary>Every version, newest first; the shipped file last, as number 0.</summary>
    public async Task<IReadOnlyList<VersionLine>> HistoryAsync(string id, CancellationToken cancellation)
    {
        await using var db = await dbs.CreateDbContextAsync(cancellation);
        var versions = await db.TemplateVersions.AsNoTracking().Where(version => version.TemplateId == id).OrderByDescending(version => version.Number)
            .Select(version => new VersionLine(version.Number, version.State, version.Note, version.Actor, version.At)).ToListAsync(cancellation);
        return ShippedContent(id) is null ? versions : [.. versions, new VersionLine(0, TemplateVersionState.Published, "", null, null)];
    }

    /// <param name="number">0: the shipped file.</param>
    /// <returns>Null when there is no such version.</returns>
    public async Task<TemplateContent?> VersionAsync(string id, int number, CancellationToken cancellation)
    {
        if (number == 0) return ShippedContent(id);
        await using var db = await dbs.CreateDbContextAsync(cancellation);
        var stored = await db.TemplateVersions.AsNoTracking().Where(version => version.TemplateId == id && version.Number == number)
            .Select(version => version.Content).SingleOrDefaultAsync(cancellation);
        return stored is null ? null : TemplateContent.Read(id, stored);
    }

    /// <summary>Ids of the templates and partials that count and include this partial themselves.</summary>
    public IReadOnlyList<string> Includers(string partialId) => Includers(catalogue.Current, partialId);

    private List<LintFinding> Errors(TemplateContent content, TemplateShelf shelf)
    {
        var own = Check(content).Where(IsError).ToList();
        return own.Count > 0 || content.Partial is null ? own : Harm(content, shelf, new LintOptions { Clock = clock });
    }

    // Errors that templates in use would get from a partial and do not have now; one for each of them. Their part is templates/<id>.
    private static List<LintFinding> Harm(TemplateContent partial, TemplateShelf shelf, LintOptions options)
    {
        var partials = new Dictionary<string, string>(shelf.Partials.Texts, StringComparer.Ordinal) { [TemplateIds.NameOfPartial(partial.Id)] = partial.Partial! };
        var harm = new List<LintFinding>();
        foreach (var template in shelf.All.Where(template => MayInclude(template, partial.Id, shelf)))
        {
            var errors = TemplateLint.Check(template.Source, partials, options).Where(IsError).ToList();
            if (errors.Count == 0) continue;
            var known = TemplateLint.Check(template.Source, shelf.Partials.Texts, options).Where(IsError).Select(Kind).ToHashSet();
            if (errors.Find(error => !known.Contains(Kind(error))) is { } worse)
                harm.Add(worse with { Part = $"templates/{template.Id}", Line = 0, Column = 0, EndLine = 0, EndColumn = 0 });
        }
        return harm;
    }

    private static (string Code, string Part, string Language) Kind(LintFinding finding) => (finding.Code, finding.Part, finding.Language);

    private static bool IsError(LintFinding finding) => finding.Severity is LintSeverity.Error;

    private static List<string> Includers(TemplateShelf shelf, string partialId) =>
    [
        .. shelf.All.Where(template => template.Includes.Contains(partialId)).Select(template => template.Id),
        .. shelf.Partials.IncludersOf(partialId),
    ];

    private static bool MayInclude(MailTemplate template, string partialId, TemplateShelf shelf)
    {
        var (seen, waiting) = (new HashSet<string>(template.Includes, StringComparer.Ordinal), new Queue<string>(template.Includes));
        while (waiting.TryDequeue(out var id))
        {
            foreach (var inner in shelf.Partials.IncludesOf(id).Where(seen.Add)) waiting.Enqueue(inner);
        }
        return seen.Contains(partialId);
    }

    private static async Task<bool> WriteAsync(
        AutomationDb db, TemplateContent content, Guid? started, int basedOn, Guid stamp, string actor, DateTimeOffset now, CancellationToken cancellation)
    {
        if (started is { } known)
        {
            return await db.ExecuteAsync(
                "UPDATE template_drafts SET content = @p2, stamp = @p3, actor = @p4, at = @p5 WHERE template_id = @p0 AND stamp = @p1",
                cancellation, content.Id, known, content.Write(), stamp, actor, now) > 0;
        }
        var begun = await db.ExecuteAsync("""
            INSERT INTO template_drafts (template_id, content, stamp, based_on, actor, at) VALUES (@p0, @p1, @p2, @p3, @p4, @p5) ON CONFLICT DO NOTHING
            """, cancellation, content.Id, content.Write(), stamp, basedOn, actor, now) > 0;
        // After the row is ours: one who has just published had it before, and their version is seen now.
        return begun && await NewestAsync(db, content.Id, cancellation) == Math.Max(basedOn, 0);
    }

    private static async Task<SaveResult> WhoWasFirstAsync(AutomationDb db, string id, CancellationToken cancellation)
    {
        var draft = await db.TemplateDrafts.AsNoTracking().Where(one => one.TemplateId == id).Select(one => new { one.Actor, one.At }).SingleOrDefaultAsync(cancellation);
        if (draft is not null) return new SaveResult.Overtaken(draft.Actor, draft.At, IsPublished: false);
        var version = await db.TemplateVersions.AsNoTracking().Where(one => one.TemplateId == id).OrderByDescending(one => one.Number)
            .Select(one => new { one.Actor, one.At }).FirstOrDefaultAsync(cancellation);
        return new SaveResult.Overtaken(version?.Actor, version?.At, IsPublished: version is not null);
    }

    private async Task MoveOnAsync(
        AutomationDb db, string id, TemplateVersionState from, TemplateVersionState to, string note, string actor, CancellationToken cancellation)
    {
        var mark = catalogue.Current.Marks.GetValueOrDefault(id);
        var state = mark?.State ?? (ShippedContent(id) is null ? null : TemplateVersionState.Published);
        if (state is null) throw new RuleBrokenException($"'{id}' was never published.");
        if (state is TemplateVersionState.Retired && state != from) throw new RuleBrokenException($"'{id}' is retired already.");
        if (state != from) throw new RuleBrokenException($"'{id}' is not retired.");
        var content = await ContentAsync(db, id, mark, cancellation);
        await using (var transaction = await db.BeginWriteAsync(cancellation))
        {
            if (await NewestAsync(db, id, cancellation) != (mark?.Number ?? 0)) throw new RuleBrokenException($"Somebody else published '{id}' at this moment. Look at it again.");
            await AddVersionAsync(db, id, to, content.Write(), note, actor, cancellation);
            var deed = to is TemplateVersionState.Retired ? "template.retired" : "template.returned";
            await Audit.WriteAsync(db, actor, deed, id, new { State = from.ToString() }, new { State = to.ToString(), note }, clock.GetUtcNow(), cancellation);
            await transaction.CommitAsync(cancellation);
        }
        await catalogue.RefreshAsync(db, CancellationToken.None);
    }

    private static async Task TakeDraftAsync(AutomationDb db, string id, Guid stamp, CancellationToken cancellation)
    {
        RequireThatDraft(await db.ExecuteAsync("DELETE FROM template_drafts WHERE template_id = @p0 AND stamp = @p1", cancellation, id, stamp) > 0);
    }

    private static void RequireThatDraft(bool isThere)
    {
        if (!isThere) throw new RuleBrokenException("Somebody else saved, published or threw away this draft meanwhile. Look at it again before you go on.");
    }

    private async Task<int> AddVersionAsync(
        AutomationDb db, string id, TemplateVersionState state, string content, string note, string actor, CancellationToken cancellation)
    {
        var number = await NewestAsync(db, id, cancellation) + 1;
        var cut = note.Length > TemplateVersion.MaxNote ? note[..TemplateVersion.MaxNote] : note;
        var added = await db.ExecuteAsync("""
            INSERT INTO template_versions (template_id, number, state, content, note, actor, at) VALUES (@p0, @p1, @p2, @p3, @p4, @p5, @p6) ON CONFLICT DO NOTHING
            """, cancellation, id, number, state, content, cut, actor, clock.GetUtcNow());
        return added > 0 ? number : throw new RuleBrokenException($"Somebody else published '{id}' at this moment. Look at it again.");
    }

    private static async Task<int> NewestAsync(AutomationDb db, string id, CancellationToken cancellation) =>
        (await db.QueryAsync("SELECT COALESCE(MAX(number), 0) FROM template_versions WHERE template_id = @p0", row => row.Int(0), cancellation, id))[0];

    private async Task<TemplateContent> ContentAsync(AutomationDb db, string id, VersionMark? mark, CancellationToken cancellation)
    {
        if (mark is null && ShippedContent(id) is { } shipped) return shipped;
        var stored = mark is null
            ? await db.TemplateDrafts.AsNoTracking().Where(draft => draft.TemplateId == id).Select(draft => draft.Content).SingleAsync(cancellation)
            : await db.TemplateVersions.AsNoTracking().Where(version => version.TemplateId == id && version.Number == mark.Number).Select(version => version.Content).SingleAsync(cancellation);
        return TemplateContent.Read(id, stored);
    }

    private TemplateContent? ShippedContent(string id)
    {
        if (!TemplateIds.IsPartial(id)) return catalogue.Shipped.Find(id) is { } template ? TemplateContent.Of(template.Source) : null;
        return catalogue.Shipped.Partials.Texts.TryGetValue(TemplateIds.NameOfPartial(id), out var text) ? TemplateContent.OfPartial(id, text) : null;
    }

    private int NumberOf(TemplateShelf shelf, string id) => shelf.Marks.GetValueOrDefault(id)?.Number ?? (ShippedContent(id) is null ? NoVersion : 0);
}
