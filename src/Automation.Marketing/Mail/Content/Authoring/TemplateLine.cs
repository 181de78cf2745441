using Automation.Marketing.Mail.Content.Lint;

namespace Automation.Marketing.Mail.Content.Authoring;

/// <summary>One template or partial in the list.</summary>
/// <param name="Source">Null for a partial.</param>
/// <param name="Number">The version that counts: 0 is the shipped file, <see cref="TemplateDesk.NoVersion"/> none yet.</param>
/// <param name="Draft">Null when there is none.</param>
public sealed record TemplateLine(string Id, TemplateSource? Source, int Number, bool IsRetired, DraftMark? Draft)
{
    public bool IsPartial => Source is null;
}

/// <summary>Who saved a draft last, and when.</summary>
public sealed record DraftMark(string TemplateId, string Actor, DateTimeOffset At)
{
    public Guid Stamp { get; init; }

    /// <summary>The version that counted when it was begun.</summary>
    public int BasedOn { get; init; }
}

/// <summary>What is open for editing.</summary>
/// <param name="Number">As in <see cref="TemplateLine"/>.</param>
/// <param name="PublishedClass">The class of the version that counts; null for a partial or when none does.</param>
public sealed record TemplateOnDesk(TemplateContent Content, int Number, bool IsRetired, MessageClass? PublishedClass, DraftMark? Draft);

/// <param name="Actor">Null for the shipped file.</param>
public sealed record VersionLine(int Number, TemplateVersionState State, string Note, string? Actor, DateTimeOffset? At);

public abstract record SaveResult
{
    private SaveResult() { }

    /// <param name="Stamp">To be named by the next save.</param>
    public sealed record Saved(Guid Stamp, DateTimeOffset At) : SaveResult;

    /// <summary>Nothing was saved: somebody else did something first.</summary>
    /// <param name="Actor">Null when the draft was thrown away.</param>
    public sealed record Overtaken(string? Actor, DateTimeOffset? At, bool IsPublished) : SaveResult;
}

public abstract record PublishResult
{
    private PublishResult() { }

    public sealed record Published(int Number) : PublishResult;

    /// <summary>Nothing was published.</summary>
    /// <param name="Errors">What has to be mended first.</param>
    public sealed record Faulty(IReadOnlyList<LintFinding> Errors) : PublishResult;
}
